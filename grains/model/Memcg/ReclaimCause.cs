namespace Reclaim.Model.Memcg;

/// <summary>For whom pages are reclaimed, as numbers: from <see cref="Others"/> on a coordinator gives them a meaning.</summary>
public static class ReclaimCause
{
    /// <summary>For the cgroup's own memory.max.</summary>
    public const int Limit = 0;

    /// <summary>For its own memory.high.</summary>
    public const int High = 1;

    /// <summary>For somebody who wrote memory.reclaim.</summary>
    public const int Proactive = 2;

    /// <summary>The first that stands for others.</summary>
    public const int Others = 3;
}
