using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>Runs several scenarios side by side, as many at once as there are processors; results come in the order given.</summary>
internal static class RunBatch
{
    public static async Task<RunResults[]> RunAsync(
        IRunHost host, IReadOnlyList<Scenario> scenarios, IRunWatch watch, CancellationToken stop)
    {
        using var slots = new SemaphoreSlim(Environment.ProcessorCount);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var runs = scenarios.Select(scenario => Task.Run(() => OneAsync(scenario), CancellationToken.None)).ToArray();
        return await Task.WhenAll(runs);

        async Task<RunResults> OneAsync(Scenario scenario)
        {
            await slots.WaitAsync(CancellationToken.None);
            try
            {
                return await RunExecution.RunAsync(host, scenario, watch, giveUp.Token);
            }
            catch
            {
                await giveUp.CancelAsync();
                throw;
            }
            finally
            {
                slots.Release();
            }
        }
    }
}
