namespace Reclaim.Model.Steps;

/// <summary>
/// What a container was like at equal distances of virtual time: counters since the beginning, and sizes. Short runs are seen by the
/// millisecond; when there are too many samples every second one is dropped, and the distance doubles. So it is always between
/// half of <see cref="MostSamples"/> and all of them, whatever the run's length, and needs no setting.
/// </summary>
internal sealed class TimeSeries
{
    /// <summary>An even number.</summary>
    public const int MostSamples = 512;

    private const long FinestNs = 1_000_000;

    private readonly long[] _values = new long[MostSamples * SampleColumns.Count];

    /// <summary>Samples.</summary>
    public int Count { get; private set; }

    /// <summary>Their distance, nanoseconds: the first is at that time.</summary>
    public long EveryNs { get; private set; } = FinestNs;

    /// <summary>When the next is due.</summary>
    public long NextNs => Count == MostSamples ? (MostSamples / 2 + 1) * 2 * EveryNs : (Count + 1) * EveryNs;

    /// <summary>A column, all samples.</summary>
    public IEnumerable<long> Column(int column) => Enumerable.Range(0, Count).Select(sample => _values[sample * SampleColumns.Count + column]);

    /// <summary>Where the sample of <see cref="NextNs"/> goes: to be filled by the caller.</summary>
    public Span<long> Add()
    {
        if (Count == MostSamples)
        {
            DropEverySecond();
        }

        return _values.AsSpan(Count++ * SampleColumns.Count, SampleColumns.Count);
    }

    /// <remarks>The second, fourth, … are those of the double distance.</remarks>
    private void DropEverySecond()
    {
        Count = MostSamples / 2;
        EveryNs *= 2;
        for (var sample = 0; sample < Count; sample++)
        {
            _values.AsSpan((2 * sample + 1) * SampleColumns.Count, SampleColumns.Count).CopyTo(_values.AsSpan(sample * SampleColumns.Count));
        }
    }
}
