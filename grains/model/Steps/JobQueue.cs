namespace Reclaim.Model.Steps;

/// <summary>
/// Jobs by their clocks: a binary heap of job numbers, earliest clock first; among equals the one that has waited longest for a CPU,
/// then the lower number.
/// </summary>
internal sealed class JobQueue(int capacity)
{
    private readonly long[] _clocks = new long[capacity];
    private readonly long[] _ready = new long[capacity];
    private readonly int[] _jobs = new int[capacity];
    private int _count;

    public int Count => _count;

    /// <summary>The job whose turn it is.</summary>
    public int First => _jobs[0];

    /// <summary>Its clock.</summary>
    public long FirstClock => _clocks[0];

    /// <summary>Since when it wants a CPU.</summary>
    public long FirstReady => _ready[0];

    /// <summary>The time before which the first job may go on without any other's turn coming.</summary>
    public long FirstMayRunUntil
    {
        get
        {
            if (_count == 1)
            {
                return long.MaxValue;
            }

            var second = _count > 2 && Before(2, 1) ? 2 : 1;

            // At the other's time it is first if it is so now, or if it then would be: having just come to want a CPU.
            var mayAtThatTime = _clocks[0] == _clocks[second] || (_jobs[0] < _jobs[second] && _ready[second] == _clocks[second]);
            return _clocks[second] + (mayAtThatTime ? 1 : 0);
        }
    }

    public void Add(int job, long clock)
    {
        var at = _count++;
        _jobs[at] = job;
        _clocks[at] = _ready[at] = clock;
        while (at > 0 && Before(at, (at - 1) / 2))
        {
            Swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    /// <summary>Sets the clock of the first job, and finds the next.</summary>
    public void AdvanceFirst(long clock)
    {
        // One that got nowhere, for want of pages perhaps, keeps its place.
        if (clock != _clocks[0])
        {
            _clocks[0] = _ready[0] = clock;
            SiftDown();
        }
    }

    /// <summary>The first job waits for a CPU until then; it goes before those that come to want one later.</summary>
    public void DelayFirst(long clock)
    {
        _clocks[0] = clock;
        SiftDown();
    }

    public void RemoveFirst()
    {
        _count--;
        _jobs[0] = _jobs[_count];
        _clocks[0] = _clocks[_count];
        _ready[0] = _ready[_count];
        SiftDown();
    }

    /// <summary>Sets the clock of a job, wherever it is, if anywhere, to a later time.</summary>
    public void Set(int job, long clock)
    {
        var at = Array.IndexOf(_jobs, job, 0, _count);
        if (at >= 0 && clock != _clocks[at])
        {
            _clocks[at] = _ready[at] = clock;
            SiftDown(at);
        }
    }

    /// <summary>The places in the heap of all jobs whose clocks are before a time, in rising order.</summary>
    /// <param name="untilNs">The time.</param>
    /// <param name="places">Gets them; room for all jobs.</param>
    /// <returns>How many they are.</returns>
    public int Before(long untilNs, Span<int> places)
    {
        var found = 0;
        if (_count != 0 && _clocks[0] < untilNs)
        {
            places[found++] = 0;
        }

        for (var i = 0; i < found; i++)
        {
            var child = 2 * places[i] + 1;
            for (var end = Math.Min(child + 2, _count); child < end; child++)
            {
                if (_clocks[child] < untilNs)
                {
                    places[found++] = child;
                }
            }
        }

        return found;
    }

    /// <summary>The job at a place.</summary>
    public int At(int place) => _jobs[place];

    /// <summary>Its clock.</summary>
    public long ClockAt(int place) => _clocks[place];

    /// <summary>Sets the clock of the job at a place to a later time. Of several the one at the highest place comes first: those before it stay where they are.</summary>
    public void Advance(int place, long clock)
    {
        _clocks[place] = _ready[place] = clock;
        SiftDown(place);
    }

    /// <summary>Takes a job out, wherever it is.</summary>
    public void Remove(int job)
    {
        var at = Array.IndexOf(_jobs, job, 0, _count);
        if (at < 0)
        {
            return;
        }

        Swap(at, --_count);
        while (at < _count && at > 0 && Before(at, (at - 1) / 2))
        {
            Swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }

        SiftDown(at);
    }

    private void SiftDown(int from = 0)
    {
        for (var at = from; ;)
        {
            var child = 2 * at + 1;
            if (child >= _count)
            {
                return;
            }

            if (child + 1 < _count && Before(child + 1, child))
            {
                child++;
            }

            if (!Before(child, at))
            {
                return;
            }

            Swap(at, child);
            at = child;
        }
    }

    private bool Before(int a, int b) =>
        _clocks[a] != _clocks[b] ? _clocks[a] < _clocks[b]
        : _ready[a] != _ready[b] ? _ready[a] < _ready[b]
        : _jobs[a] < _jobs[b];

    private void Swap(int a, int b)
    {
        (_clocks[a], _clocks[b]) = (_clocks[b], _clocks[a]);
        (_ready[a], _ready[b]) = (_ready[b], _ready[a]);
        (_jobs[a], _jobs[b]) = (_jobs[b], _jobs[a]);
    }
}
