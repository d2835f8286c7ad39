namespace Reclaim.Model.MultiGen;

/// <summary>The bits of /sys/kernel/mm/lru_gen/enabled (enabled_store in mm/vmscan.c, v6.8).</summary>
[Flags]
internal enum LruGenCapabilities
{
    None = 0,

    /// <summary>LRU_GEN_CORE: the multi-gen LRU itself.</summary>
    Core = 1,

    /// <summary>LRU_GEN_MM_WALK: aging walks page tables.</summary>
    Walk = 2,

    /// <summary>LRU_GEN_NONLEAF_YOUNG: the walk goes by the accessed bits of page tables.</summary>
    NonLeafYoung = 4,

    All = Core | Walk | NonLeafYoung,
}
