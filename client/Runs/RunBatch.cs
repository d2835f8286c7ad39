using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>Runs several scenarios side by side, as many at once as there are processors; they begin and their results come in the order given.</summary>
internal static class RunBatch
{
    /// <summary>All of them; once it is stopped, those that are left are begun and stopped at once.</summary>
    public static async Task<RunResults[]> RunAsync(IRunHost host, IReadOnlyList<Scenario> scenarios, IRunWatch watch, CancellationToken stop) =>
        [.. (await RunAsync(host, scenarios, watch, beginAll: true, stop)).Select(run => run!)];

    /// <summary>As many as are begun before it is stopped; null for the others.</summary>
    public static Task<RunResults?[]> RunBegunAsync(IRunHost host, IReadOnlyList<Scenario> scenarios, IRunWatch watch, CancellationToken stop) =>
        RunAsync(host, scenarios, watch, beginAll: false, stop);

    private static async Task<RunResults?[]> RunAsync(
        IRunHost host, IReadOnlyList<Scenario> scenarios, IRunWatch watch, bool beginAll, CancellationToken stop)
    {
        using var slots = new SemaphoreSlim(Environment.ProcessorCount);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var runs = new List<Task<RunResults?>>();
        foreach (var scenario in scenarios)
        {
            await slots.WaitAsync(CancellationToken.None);
            runs.Add(Task.Run(() => OneAsync(scenario), CancellationToken.None));
        }

        return await Task.WhenAll(runs);

        async Task<RunResults?> OneAsync(Scenario scenario)
        {
            try
            {
                return beginAll || !giveUp.IsCancellationRequested ? await RunExecution.RunAsync(host, scenario, watch, giveUp.Token) : null;
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
