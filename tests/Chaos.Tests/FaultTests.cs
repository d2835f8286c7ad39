using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Reclaim.Chaos.Tests;

/// <summary>
/// A run on three silo processes that lose each other, their client and their store comes to the digest that one thread without silos
/// comes to. Faults are drawn by seed: three schedules always, as many as <c>RECLAIM_FAULT_SCHEDULES</c> says at night.
/// </summary>
public sealed class FaultTests(FleetFixture fleet)
{
    private const int SchedulesAlways = 3;
    private static readonly TimeSpan _storeFailsFor = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int> Schedules => [.. Enumerable.Range(1, Wanted())];

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_run_comes_to_the_same_digest_whatever_is_killed_on_the_way(int seed)
    {
        var schedule = FaultSchedule.Of(seed);
        await using var cluster = await ClusterFolder.UpAsync(silos: 3);
        var reclaim = cluster.Program;
        var client = Client(reclaim);
        var random = new Random(seed);
        var happened = new List<Fault>();
        foreach (var (after, fault) in schedule.Faults)
        {
            await Task.Delay(after, Cancellation);
            if (client.HasExited)
            {
                break;
            }

            client = await HappenAsync(fault, reclaim, client, random);
            happened.Add(fault);
        }

        var (status, output, error) = await ReclaimProgram.EndAsync(client);
        TestContext.Current.TestOutputHelper!.WriteLine($"{schedule}; happened: {string.Join(", ", happened)}");
        Assert.True(status == 0, $"{schedule}: status {status}\n{error}{cluster.Logs()}");
        Assert.Contains(schedule.Faults[0].Fault, happened);
        using var results = JsonDocument.Parse(output);
        Assert.Equal(fleet.Digest, results.RootElement.GetProperty("digest").GetString());
        Assert.True(results.RootElement.GetProperty("complete").GetBoolean());
    }

    private Process Client(ReclaimProgram reclaim) => reclaim.Start("run", fleet.Scenario, "--cluster", "local", "--name", "chaos", "--json", "--quiet");

    /// <returns>The client, or the one that has taken its place.</returns>
    private async Task<Process> HappenAsync(Fault fault, ReclaimProgram reclaim, Process client, Random random)
    {
        var silos = await reclaim.SilosAsync();
        switch (fault)
        {
            case Fault.KillSilo when silos.Count > 1:
                Signals.Kill(silos[random.Next(silos.Count)]);
                break;
            case Fault.KillTwoSilos when silos.Count > 2:
                silos.OrderBy(_ => random.Next()).Take(2).ToList().ForEach(Signals.Kill);
                break;
            case Fault.DrainSilo when silos.Count > 1:
                Signals.Terminate(silos[random.Next(silos.Count)]);
                break;
            case Fault.KillClient:
                Signals.Kill(client.Id);
                await client.WaitForExitAsync(Cancellation);
                client.Dispose();
                return Client(reclaim);
            case Fault.FailStore:
                await FailStoreAsync(reclaim.Folder);
                break;
            case Fault.KillAllSilos:
                silos.ToList().ForEach(Signals.Kill);
                await reclaim.RunAsync("silo", "up", "--silos", "3");
                break;
            default:
                Signals.Kill(silos[random.Next(silos.Count)]);
                await reclaim.RunAsync("silo", "up", "--silos", "3");
                break;
        }

        return client;
    }

    /// <summary>Where the folder of runs was is a file: nothing in it can be read or written.</summary>
    private static async Task FailStoreAsync(string folder)
    {
        var (runs, away) = (Path.Combine(folder, "runs"), Path.Combine(folder, "runs.away"));
        Directory.Move(runs, away);
        await File.WriteAllTextAsync(runs, "", Cancellation);
        await Task.Delay(_storeFailsFor, Cancellation);
        File.Delete(runs);
        Directory.Move(away, runs);
    }

    private static int Wanted() =>
        int.TryParse(Environment.GetEnvironmentVariable("RECLAIM_FAULT_SCHEDULES"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : SchedulesAlways;
}
