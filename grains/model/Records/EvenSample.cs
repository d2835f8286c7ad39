namespace Reclaim.Model.Records;

/// <summary>
/// Of a series however long a part that is spread over all of it: each item, until there are too many; then every second, every fourth, ….
/// </summary>
/// <param name="most">Items that are kept.</param>
internal sealed class EvenSample<T>(int most)
{
    private T[] _items = new T[Math.Min(most, 4)];
    private int _count;

    /// <summary>Items so far, kept or not.</summary>
    public long Seen { get; private set; }

    /// <summary>One of so many is kept, a power of two: those whose number, from 0 on, it divides.</summary>
    public long Every { get; private set; } = 1;

    /// <summary>Those that are kept, in order.</summary>
    public Span<T> Items => _items.AsSpan(0, _count);

    /// <summary>Adds the next.</summary>
    public void Add(in T item)
    {
        var number = Seen++;
        if ((number & Every - 1) == 0 && _count == most)
        {
            DropEverySecond();
        }

        if ((number & Every - 1) != 0)
        {
            return;
        }

        if (_count == _items.Length)
        {
            Array.Resize(ref _items, Math.Min(most, 2 * _count));
        }

        _items[_count++] = item;
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => (_count, Seen, Every) = (0, 0, 1);

    private void DropEverySecond()
    {
        var kept = (_count + 1) / 2;
        for (var i = 1; i < kept; i++)
        {
            _items[i] = _items[2 * i];
        }

        (_count, Every) = (kept, 2 * Every);
    }
}
