using System.Net;
using System.Net.Sockets;
using Reclaim.Silo.Membership;

namespace Reclaim.Cluster.Tests;

/// <summary><c>silo up</c>, <c>silo status</c>, <c>silo down</c>, as a user types them.</summary>
public sealed class LocalClusterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_that_are_started_work_and_leave_nothing_but_their_logs()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 3);
        var reclaim = cluster.Program;
        var silos = await reclaim.MembersAsync();
        IPEndPoint[] ports = [.. silos.SelectMany(silo => (string[])[silo.Address, silo.Gateway!, silo.Http!]).Select(IPEndPoint.Parse)];

        Assert.Equal([("silo-1", "active"), ("silo-2", "active"), ("silo-3", "active")], silos.Select(silo => (silo.Name, silo.State)));
        Assert.Equal(9, ports.Distinct().Count());
        Assert.All(ports, port => Assert.True(IPAddress.IsLoopback(port.Address) && Listens(port)));
        using var http = new HttpClient();
        foreach (var silo in silos)
        {
            Assert.Equal("ready, silos: 3\n", await http.GetStringAsync(new Uri($"http://{silo.Http}/health/ready"), Cancellation));
        }

        var down = await reclaim.SayAsync("silo", "down");
        Assert.Equal((0, $"3 silos are down; logs and runs stay in {reclaim.Folder}\n"), (down.Status, down.Error));
        Assert.DoesNotContain(silos, silo => ProcessIdentity.Of(silo.Pid) is not null);
        Assert.DoesNotContain(ports, Listens);
        Assert.Empty(await reclaim.MembersAsync());

        // Locks are files without content.
        Assert.Equal(
            ["silo-1.log", "silo-2.log", "silo-3.log"],
            Directory.GetFiles(reclaim.Folder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0).Select(file => Path.GetRelativePath(reclaim.Folder, file)).Order());
        Assert.All(silos, silo => Assert.Contains("stopped after", File.ReadAllText(Path.Combine(reclaim.Folder, silo.Name + ".log")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_many_silos_are_started_as_are_missing()
    {
        await using var cluster = new ClusterFolder();
        var reclaim = cluster.Program;

        Assert.StartsWith("1 silo is up\n", (await reclaim.SayAsync("silo", "up", "--silos", "1")).Error, StringComparison.Ordinal);
        var first = await reclaim.SilosAsync();
        Assert.StartsWith("2 silos are up; started: silo-2\n", (await reclaim.SayAsync("silo", "up", "--silos", "2")).Error, StringComparison.Ordinal);
        var both = await reclaim.SilosAsync();
        Assert.StartsWith("2 silos are up already\n", (await reclaim.SayAsync("silo", "up", "--silos", "2")).Error, StringComparison.Ordinal);
        Assert.StartsWith("2 silos are up, more than 1: left as they are", (await reclaim.SayAsync("silo", "up", "--silos", "1")).Error, StringComparison.Ordinal);

        Assert.Equal(first, both.Take(1));
        Assert.Equal(2, both.Distinct().Count());
        Assert.Equal(both, await reclaim.SilosAsync());
    }

    [Fact]
    public async Task A_silo_that_was_killed_is_listed_as_dead_and_replaced()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;
        var before = await reclaim.MembersAsync();

        Signals.Kill(before[0].Pid);
        while (ProcessIdentity.Of(before[0].Pid) is not null)
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        Assert.Equal([("silo-1", "dead"), ("silo-2", "active")], (await reclaim.MembersAsync()).Select(silo => (silo.Name, silo.State)));

        await reclaim.RunAsync("silo", "up", "--silos", "2");
        var after = await reclaim.MembersAsync();
        Assert.Equal([("silo-1", "active"), ("silo-2", "active")], after.Select(silo => (silo.Name, silo.State)));
        Assert.NotEqual(before[0].Pid, after[0].Pid);
        Assert.Equal(before[1], after[1]);
    }

    [Fact]
    public async Task A_silo_that_is_about_to_stop_is_replaced()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;
        var before = await reclaim.SilosAsync();

        Signals.Terminate(before[0]);
        await reclaim.RunAsync("silo", "up", "--silos", "2");
        var after = await reclaim.SilosAsync();

        Assert.Equal(2, after.Count);
        Assert.DoesNotContain(before[0], after);
        Assert.Contains(before[1], after);
    }

    [Fact]
    public async Task A_client_that_comes_while_silos_start_waits_for_them()
    {
        await using var cluster = new ClusterFolder();
        var reclaim = cluster.Program;
        using var up = reclaim.Start("silo", "up", "--silos", "2");
        while (!FileLock.IsHeld(LocalFolder.LockOf(reclaim.Folder)))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        var runs = await reclaim.SayAsync("status");

        Assert.Equal((0, "cluster local has no runs\n"), (runs.Status, runs.Error));
        Assert.Equal(0, (await ReclaimProgram.EndAsync(up)).Status);
    }

    [Fact]
    public async Task A_client_of_silos_of_which_one_was_killed_a_moment_ago_is_answered_by_the_other()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;

        Signals.Kill((await reclaim.SilosAsync())[0]);

        Assert.Equal(0, (await reclaim.SayAsync("status")).Status);
    }

    [Fact]
    public async Task A_client_that_comes_when_all_silos_were_killed_waits_for_those_that_replace_them()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 1);
        var reclaim = cluster.Program;
        Signals.Kill((await reclaim.SilosAsync())[0]);

        using var asking = reclaim.Start("status");
        await reclaim.RunAsync("silo", "up", "--silos", "1");

        Assert.Equal(0, (await ReclaimProgram.EndAsync(asking)).Status);
    }

    [Fact]
    public async Task A_silo_that_cannot_start_is_told_of_with_its_own_words_and_none_is_left()
    {
        await using var cluster = new ClusterFolder();
        var reclaim = cluster.Program;
        reclaim.Environment["RECLAIM_DRAINSECONDS"] = "soon";

        var up = await reclaim.SayAsync("silo", "up", "--silos", "2");

        Assert.Equal(1, up.Status);
        Assert.Contains("ended while it was starting", up.Error, StringComparison.Ordinal);
        Assert.Contains("Reclaim:DrainSeconds: 'soon' must be a whole number from 1 to 3600 (seconds)", up.Error, StringComparison.Ordinal);
        Assert.Empty(await reclaim.MembersAsync());
    }

    [Fact]
    public async Task Where_no_silo_is_up_that_is_said()
    {
        await using var cluster = new ClusterFolder();
        var reclaim = cluster.Program;
        var (status, down, runs) = (await reclaim.SayAsync("silo", "status"), await reclaim.SayAsync("silo", "down"), await reclaim.SayAsync("status"));

        Assert.Equal((0, "", $"no silo is up in {reclaim.Folder}; to have some: reclaim silo up --silos 3\n"), (status.Status, status.Output, status.Error));
        Assert.Equal((0, $"no silo is up in {reclaim.Folder}\n"), (down.Status, down.Error));
        Assert.Equal((1, $"no silo is up in {reclaim.Folder}; to have some: reclaim silo up --silos 3\n"), (runs.Status, runs.Error));
    }

    private static bool Listens(IPEndPoint port)
    {
        try
        {
            using var caller = new TcpClient(port.AddressFamily);
            caller.Connect(port);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}
