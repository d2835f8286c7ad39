namespace Reclaim.Model.Workloads.Fio;

/// <summary><c>random_distribution=zoned</c>: each zone of the file has its share of the accesses, spread evenly inside.</summary>
internal sealed class ZonedOffsets : FioOffsets
{
    private readonly uint[] _start = new uint[100];
    private readonly uint[] _length = new uint[100];
    private readonly FioSeeds _seeds;
    private Tausworthe _zone;
    private Tausworthe _random;

    public ZonedOffsets(uint blockCount, IReadOnlyList<FioZoneShare> zones, FioSeeds seeds)
    {
        _seeds = seeds;
        BeginPass(repeat: true);
        var percent = 0;
        ulong before = 0;
        foreach (var zone in zones)
        {
            for (var i = 0; i < zone.AccessPercent; i++, percent++)
            {
                _start[percent] = (uint)(before * blockCount / 100);
                _length[percent] = (uint)((ulong)blockCount * (ulong)zone.SizePercent / 100);
            }

            before += (ulong)zone.SizePercent;
        }
    }

    public override void Fill(Span<uint> blocks)
    {
        var zone = _zone;
        var random = _random;
        foreach (ref var block in blocks)
        {
            var percent = zone.Percent() - 1;
            block = _start[percent] + random.Below(_length[percent]);
        }

        _zone = zone;
        _random = random;
    }

    public override void BeginPass(bool repeat)
    {
        if (!repeat)
            return;
        _zone = new Tausworthe(_seeds.Zone);
        _random = new Tausworthe(_seeds.Offset);
    }
}
