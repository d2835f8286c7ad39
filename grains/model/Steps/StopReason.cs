namespace Reclaim.Model.Steps;

/// <summary>Why a container stopped running.</summary>
public enum StopReason
{
    /// <summary>Its clock reached the horizon.</summary>
    Horizon,

    /// <summary>It made all the accesses it was allowed.</summary>
    Accesses,

    /// <summary>It needs more pages of its node than it was granted.</summary>
    Pages,

    /// <summary>All its workloads are done.</summary>
    Done,

    /// <summary>Each of its jobs has had its turn.</summary>
    Round,

    /// <summary>A task of it has charged pages above some memory.high above it, and must reclaim before it goes on.</summary>
    High,

    /// <summary>The kswapd of some node is to be woken, without anybody waiting for it.</summary>
    Wake,

    /// <summary>It is before a request to a device that it shares, which others that are not as far yet may come before.</summary>
    Request,
}
