namespace Reclaim.Model.Hierarchy;

/// <summary>
/// The CPUs of a host that has more tasks than CPUs: who is to run waits until one is free, and then holds it for as long as it ran.
/// A turn is a slice; among those that wait, whoever has waited longest goes first. kswapd is a task like any other.
/// A task that waits for a device in the middle of its turn holds the CPU for as long as it ran in it, from its beginning.
/// </summary>
/// <param name="count">CPUs.</param>
internal sealed class SharedCpus(int count)
{
    private readonly PriorityQueue<int, long> _free = new(Enumerable.Range(0, count).Select(cpu => (cpu, 0L)));

    /// <summary>Virtual time at which a CPU is free.</summary>
    public long FreeNs => _free.TryPeek(out _, out var ns) ? ns : 0;

    /// <summary>Somebody ran.</summary>
    /// <param name="fromNs">From when on.</param>
    /// <param name="cpuNs">For how long, on all CPUs together.</param>
    /// <param name="elapsedNs">Time that passed meanwhile: no single CPU can have been its for longer.</param>
    public void Take(long fromNs, long cpuNs, long elapsedNs)
    {
        var most = elapsedNs > 0 ? elapsedNs : cpuNs;
        for (var left = cpuNs; left > 0; left -= most)
        {
            _free.TryPeek(out var cpu, out var freeNs);
            _free.DequeueEnqueue(cpu, Math.Max(freeNs, fromNs) + Math.Min(left, most));
        }
    }
}
