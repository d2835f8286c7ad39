namespace Reclaim.Client.Perfetto;

/// <summary>
/// Tracks for things that may overlap: on one track they would be taken for parts of each other. Those that come in order of their beginning go to
/// the first track that is free by then.
/// </summary>
/// <param name="make">Makes the track of a number, from 0 on.</param>
internal sealed class Lanes(Func<int, ulong> make)
{
    private readonly List<(ulong Track, long FreeNs)> _lanes = [];

    /// <summary>The track for something that lasts so long.</summary>
    public ulong For(long startNs, long endNs)
    {
        for (var i = 0; i < _lanes.Count; i++)
        {
            if (_lanes[i].FreeNs <= startNs)
            {
                _lanes[i] = (_lanes[i].Track, endNs);
                return _lanes[i].Track;
            }
        }

        _lanes.Add((make(_lanes.Count), endNs));
        return _lanes[^1].Track;
    }
}
