namespace Reclaim.Model.Memcg;

/// <summary>A charge could not be met: nothing in the cgroup can be reclaimed (mem_cgroup_oom).</summary>
public sealed class MemcgOutOfMemoryException : Exception
{
    public MemcgOutOfMemoryException()
    {
    }

    public MemcgOutOfMemoryException(string message)
        : base(message)
    {
    }

    public MemcgOutOfMemoryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
