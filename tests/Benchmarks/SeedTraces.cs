using Reclaim.Model.Workloads;

namespace Reclaim.Benchmarks;

/// <summary>
/// The requests that the policies are timed on: those of an fio job of 12 files of 1 GiB, read at random in pages of 4 KiB,
/// with memory for a third of them.
/// </summary>
internal static class SeedTraces
{
    public const int Files = 12;

    /// <summary>Pages of one file.</summary>
    public const int FilePages = 1 << 18;

    /// <summary>Pages of all files.</summary>
    public const int Pages = Files * FilePages;

    /// <summary>Pages that fit into memory.</summary>
    public const int Resident = 4 * FilePages;

    /// <summary>Requests in a sequence: enough that every page of the zipf sequence's hot part comes many times.</summary>
    public const int Accesses = 32 << 20;

    /// <summary>A source by the name of its distribution.</summary>
    public static AccessSource Source(string distribution) => distribution switch
    {
        "uniform" => new FioLikeSource(zipf: false, seed: 1),
        "zipf:0.5" => new FioLikeSource(zipf: true, seed: 1),
        _ => throw new ArgumentException($"no sequence is called '{distribution}'", nameof(distribution)),
    };

    /// <summary>The first requests of a source, generated before the clock runs.</summary>
    public static uint[] Take(AccessSource source, int accesses = Accesses)
    {
        var sequence = new uint[accesses];
        for (var filled = 0; filled < accesses;)
        {
            var more = source.Fill(sequence.AsSpan(filled));
            if (more == 0)
                throw new ArgumentException($"the source ends after {filled} of {accesses} accesses", nameof(source));
            filled += more;
        }

        return sequence;
    }
}
