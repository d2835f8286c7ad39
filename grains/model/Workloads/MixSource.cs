namespace Reclaim.Model.Workloads;

/// <summary>
/// Several sources in a fixed rotation counted in accesses: <c>a, a, a, b, a, a, a, b, …</c> A source that has ended is passed over;
/// the mix ends with the last of them.
/// </summary>
public sealed class MixSource : AccessSource
{
    private readonly (AccessSource Source, int Accesses)[] _parts;
    private int _part;
    private int _left;

    /// <param name="parts">Each source with the number of its accesses in a round.</param>
    /// <exception cref="ArgumentException">There is no part, or one has no access in a round.</exception>
    public MixSource(params ReadOnlySpan<(AccessSource Source, int Accesses)> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("a mix must have at least one part", nameof(parts));
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Accesses < 1)
                throw new ArgumentException($"part {i} of a mix must have at least 1 access in a round, not {parts[i].Accesses}", nameof(parts));
        }

        _parts = parts.ToArray();
        _left = _parts[0].Accesses;
    }

    public override long? Length
    {
        get
        {
            long sum = 0;
            foreach (var (source, _) in _parts)
            {
                if (source.Length is not { } length)
                    return null;
                sum += length;
            }

            return sum;
        }
    }

    public override bool Starved => _parts[_part].Source.Starved;

    public override int Fill(Span<uint> blocks)
    {
        var filled = 0;
        while (filled < blocks.Length)
        {
            var count = FillTurn(blocks[filled..], out _);
            if (count == 0)
                break;
            filled += count;
        }

        return filled;
    }

    /// <summary>As <see cref="Fill"/>, but stops at the end of a part's turn, so that all numbers belong to one part.</summary>
    /// <param name="blocks">Where to write.</param>
    /// <param name="part">The part that the numbers belong to, by its place in the rotation.</param>
    /// <returns>How many were written; 0 only if the mix has ended or is <see cref="Starved"/>, or no room was given.</returns>
    public int FillTurn(Span<uint> blocks, out int part)
    {
        part = _part;
        if (blocks.IsEmpty)
            return 0;

        for (var ended = 0; ended < _parts.Length; ended++)
        {
            part = _part;
            var source = _parts[part].Source;
            var count = source.Fill(blocks[..Math.Min(blocks.Length, _left)]);
            _left -= count;
            if (count > 0)
            {
                if (_left == 0)
                    NextPart();
                return count;
            }

            if (source.Starved)
                return 0;
            NextPart();
        }

        return 0;
    }

    private void NextPart()
    {
        _part = _part + 1 == _parts.Length ? 0 : _part + 1;
        _left = _parts[_part].Accesses;
    }
}
