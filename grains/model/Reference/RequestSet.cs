using System.Numerics;

namespace Reclaim.Model.Reference;

/// <summary>
/// A set of numbers below a bound that knows its largest: a bit for each number, and above each 64 bits one bit that says
/// whether any of them is set, level upon level up to a single word. Every operation takes a step for each level,
/// of which there are at most six.
/// </summary>
internal sealed class RequestSet
{
    private const int WordShift = 6;
    private const int BitMask = 63;

    /// <summary>The numbers themselves first, the single word last.</summary>
    private readonly ulong[][] _levels;

    /// <param name="bound">All numbers are below it.</param>
    public RequestSet(int bound)
    {
        var levels = new List<ulong[]>();
        var words = bound;
        do
        {
            words = Math.Max(1, (int)(((long)words + BitMask) >> WordShift));
            levels.Add(new ulong[words]);
        }
        while (words > 1);

        _levels = [.. levels];
    }

    public void Add(int number)
    {
        foreach (var level in _levels)
        {
            ref var word = ref level[number >> WordShift];
            var wasEmpty = word == 0;
            word |= 1ul << (number & BitMask);
            if (!wasEmpty)
                return;

            number >>= WordShift;
        }
    }

    public void Remove(int number)
    {
        foreach (var level in _levels)
        {
            ref var word = ref level[number >> WordShift];
            word &= ~(1ul << (number & BitMask));
            if (word != 0)
                return;

            number >>= WordShift;
        }
    }

    /// <summary>The largest number of the set, which must not be empty.</summary>
    public int Max()
    {
        var index = 0;
        for (var i = _levels.Length - 1; i >= 0; i--)
            index = (index << WordShift) | BitOperations.Log2(_levels[i][index]);
        return index;
    }
}
