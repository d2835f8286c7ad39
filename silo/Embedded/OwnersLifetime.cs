using Microsoft.Extensions.Hosting;

namespace Reclaim.Silo.Embedded;

/// <summary>An embedded silo lives as long as its owner wants: Ctrl-C and SIGTERM are the owner's to answer, not the silo's.</summary>
internal sealed class OwnersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
