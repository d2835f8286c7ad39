namespace Reclaim.Model.Reference;

/// <summary>
/// CLOCK, with one reference bit for each page. F. J. Corbató, "A paging experiment with the Multics system",
/// in: In Honor of P. M. Morse, MIT Press, 1969.
/// </summary>
/// <remarks>
/// The resident pages stand in a circle. A hit only sets the page's reference bit. To evict, a hand goes round:
/// it clears the bit of a page that was requested since it last passed and spares it, and takes the first page whose bit
/// was clear. The newcomer, its bit clear, takes that place, just behind the hand, so it has a whole
/// round to be requested in. This is FIFO with a second chance: LRU's effect without touching a list on a hit.
/// </remarks>
public sealed class ClockPolicy : ReferencePolicy
{
    private const byte Absent = 0;
    private const byte Resident = 1;
    private const byte Referenced = 2;

    private readonly byte[] _state;
    private readonly uint[] _circle;
    private int _hand;

    public ClockPolicy(int pages, int capacity) : base(pages, capacity)
    {
        _state = new byte[pages];
        _circle = new uint[Math.Min(pages, capacity)];
    }

    public override bool IsResident(uint page) => _state[page] != Absent;

    public override bool Access(uint page)
    {
        if (_state[page] != Absent)
        {
            _state[page] = Referenced;
            return true;
        }

        if (Count < _circle.Length)
        {
            _circle[Count++] = page;
        }
        else
        {
            while (_state[_circle[_hand]] == Referenced)
            {
                _state[_circle[_hand]] = Resident;
                Advance();
            }

            _state[_circle[_hand]] = Absent;
            Evictions++;
            _circle[_hand] = page;
            Advance();
        }

        _state[page] = Resident;
        return false;
    }

    public override int Replay(ReadOnlySpan<uint> pages, Span<bool> hits)
    {
        var count = 0;
        for (var i = 0; i < pages.Length; i++)
        {
            if (hits[i] = Access(pages[i]))
                count++;
        }

        return count;
    }

    private void Advance() => _hand = _hand + 1 == _circle.Length ? 0 : _hand + 1;
}
