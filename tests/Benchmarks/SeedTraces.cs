using Reclaim.Model.Workloads;
using Reclaim.Model.Workloads.Fio;

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

    /// <summary>The requests of the twelve jobs, 32 of each in turn, by the name of their distribution.</summary>
    public static AccessSource Source(string distribution) => distribution switch
    {
        "uniform" => new JobsInTurn(FioSpread.Random, 0),
        "zipf:0.5" => new JobsInTurn(FioSpread.Zipf, 0.5),
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

    private sealed class JobsInTurn(FioSpread spread, double value) : AccessSource
    {
        private const int Batch = 32;

        private readonly FioSource[] _jobs = [.. Enumerable.Range(0, Files).Select(job => new FioSource(new FioJob
        {
            Rw = FioDirection.RandRead,
            Size = (long)FilePages << 12,
            TimeBased = true,
            NoRandomMap = true,
            Distribution = spread,
            Value = value,
            ThreadNumber = job + 1,
            FileName = FioJob.DefaultFileName("mglru", job, Files),
        }))];

        private int _turn;

        public override long? Length => null;

        public override int Fill(Span<uint> blocks)
        {
            var filled = 0;
            for (; filled + Batch <= blocks.Length; filled += Batch)
            {
                var batch = blocks.Slice(filled, Batch);
                _jobs[_turn].Fill(batch);
                foreach (ref var block in batch)
                    block += (uint)(_turn * FilePages);
                _turn = (_turn + 1) % Files;
            }

            return filled;
        }
    }
}
