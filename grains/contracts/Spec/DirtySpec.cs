namespace Reclaim.Contracts.Spec;

/// <summary>The vm.dirty_* settings of a host, as sysctl(8) takes them. Of a ratio and its size in bytes one counts: the bytes, unless they are 0.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.dirty/1")]
public sealed record DirtySpec
{
    /// <summary>vm.dirty_ratio, per cent.</summary>
    [Id(0)] public int Ratio { get; init; } = 20;

    /// <summary>vm.dirty_background_ratio, per cent.</summary>
    [Id(1)] public int BackgroundRatio { get; init; } = 10;

    /// <summary>vm.dirty_bytes.</summary>
    [Id(2)] public long Bytes { get; init; }

    /// <summary>vm.dirty_background_bytes.</summary>
    [Id(3)] public long BackgroundBytes { get; init; }

    /// <summary>vm.dirty_expire_centisecs.</summary>
    [Id(4)] public int ExpireCentisecs { get; init; } = 3000;

    /// <summary>vm.dirty_writeback_centisecs; 0: no periodic flush.</summary>
    [Id(5)] public int WritebackCentisecs { get; init; } = 500;
}
