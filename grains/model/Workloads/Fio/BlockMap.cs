using System.Numerics;

namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// A set of blocks with a fast search for the next one not in it. Level 0 has a bit for each block; a bit of a higher level says that
/// the whole word below it is set:
/// <code>
/// level 1   .1..             word 1 of level 0 is full
/// level 0   1.11 1111 ..1. 1.....
/// </code>
/// </summary>
internal sealed class BlockMap
{
    private readonly uint _count;
    private readonly ulong[][] _levels;
    private uint _taken;

    public BlockMap(uint count)
    {
        _count = count;
        var levels = new List<ulong[]>();
        for (ulong bits = count; ;)
        {
            bits = (bits + 63) / 64;
            levels.Add(new ulong[bits]);
            if (bits == 1)
                break;
        }

        _levels = [.. levels];
        Clear();
    }

    public bool IsFull => _taken == _count;

    public void Clear()
    {
        _taken = 0;
        ulong bits = _count;
        foreach (var level in _levels)
        {
            Array.Clear(level);

            // What the last word has beyond the end counts as taken.
            if (bits % 64 != 0)
                level[^1] = ulong.MaxValue << (int)(bits % 64);
            bits = (bits + 63) / 64;
        }
    }

    /// <summary>Adds the first block not in the set, from <paramref name="block"/> on and round the end. The set must not be full.</summary>
    public uint TakeFrom(uint block)
    {
        if (!TryFindFree(block, out var free))
            TryFindFree(0, out free);
        Take(free);
        return free;
    }

    private void Take(uint block)
    {
        _taken++;
        foreach (var level in _levels)
        {
            ref var word = ref level[block / 64];
            word |= 1UL << (int)(block % 64);
            if (word != ulong.MaxValue)
                return;
            block /= 64;
        }
    }

    private bool TryFindFree(uint from, out uint free)
    {
        // Up, until a word has something free at or after the position; then down to the first free block below it.
        free = 0;
        ulong position = from;
        for (var level = 0; level < _levels.Length; level++)
        {
            if (position / 64 >= (ulong)_levels[level].Length)
                return false;
            var open = ~_levels[level][position / 64] & (ulong.MaxValue << (int)(position % 64));
            if (open != 0)
            {
                position = position / 64 * 64 + (uint)BitOperations.TrailingZeroCount(open);
                while (level-- > 0)
                    position = position * 64 + (uint)BitOperations.TrailingZeroCount(~_levels[level][position]);
                free = (uint)position;
                return true;
            }

            position = position / 64 + 1;
        }

        return false;
    }
}
