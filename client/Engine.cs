using Reclaim.Client.ScenarioFormat;
using Reclaim.Silo;

namespace Reclaim.Client;

/// <summary>What runs scenarios: how to open a place for runs, and the names it knows.</summary>
/// <param name="Open">Opens a place with so many embedded silos (0 is the sequential reference), reached by other processes at a port of this machine, or not.</param>
/// <param name="Names">Gives the names, asked for once a command needs them.</param>
internal sealed record Engine(Func<int, int?, CancellationToken, Task<IRunHost>> Open, Func<KernelNames> Names)
{
    public static Engine Real { get; } = new(
        (silos, port, cancellation) => silos == 0 ? Task.FromResult(RunHosts.Sequential())
            : port is { } listen ? RunHosts.ListeningAsync(silos, listen, cancellation)
            : RunHosts.EmbeddedAsync(silos, cancellation),
        KernelNames.FromCatalog);
}
