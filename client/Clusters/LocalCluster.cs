using System.Diagnostics;
using System.Text.RegularExpressions;
using Reclaim.Silo.Membership;

namespace Reclaim.Client.Clusters;

/// <summary>The cluster of silo processes that <c>silo up</c> starts on this machine and <c>silo down</c> ends. All that is known of it is in its folder.</summary>
/// <param name="folder">The folder.</param>
/// <param name="settings">Settings of silos that are started: keys, each followed by its value.</param>
internal sealed partial class LocalCluster(string folder, params IReadOnlyList<string> settings)
{
    /// <summary>What it is called, as any cluster that nobody gave a name: clients that are given addresses need not know another.</summary>
    public const string ClusterId = "reclaim";

    /// <summary>Starting and stopping is for one at a time.</summary>
    private static readonly TimeSpan _lockPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than a silo takes to end, at most, when it is told to (its DrainSeconds).</summary>
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(40);

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Its silos.</summary>
    public IReadOnlyList<LocalMember> Members()
    {
        try
        {
            return LocalMembers.Read(Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFailedException(e.Message);
        }
    }

    /// <summary>Those whose process runs.</summary>
    public IReadOnlyList<LocalMember> Living() => [.. Members().Where(member => member.Process.IsAlive)];

    /// <summary>Keeps others from starting or stopping silos meanwhile.</summary>
    public async Task<FileLock> LockAsync(CancellationToken stop)
    {
        try
        {
            Make(Folder);
            return await FileLock.TakeAsync(LocalFolder.LockOf(Folder), _lockPatience, stop);
        }
        catch (IOException e) when (File.Exists(LocalFolder.LockOf(Folder)))
        {
            throw new RunFailedException($"another 'reclaim silo' is starting or stopping this cluster: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--folder {Folder}: {e.Message}");
        }
    }

    /// <summary>A folder that is new is its user's alone: logs and runs are nobody else's business.</summary>
    private static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Starts silos until there are so many, and waits until all of them work and know each other.</summary>
    /// <returns>Names of those that were started.</returns>
    /// <exception cref="RunFailedException">One ended, or not all of them worked in time; those that were started are stopped.</exception>
    public async Task<IReadOnlyList<string>> StartAsync(int silos, CancellationToken stop)
    {
        await ForgetIfGoneAsync(stop);
        var children = new List<SiloChild>();
        try
        {
            await AllKnowEachOtherAsync(children, silos, stop);
            return [.. children.Select(child => child.Name)];
        }
        catch
        {
            await EndAsync([.. children.Where(child => !child.HasExited).Select(child => ProcessIdentity.Of(child.Pid)).OfType<ProcessIdentity>()]);
            throw;
        }
        finally
        {
            children.ForEach(child => child.Dispose());
        }
    }

    /// <summary>Ends all silos: as they are told to, and those that do not in time, at once.</summary>
    /// <returns>How many there were, and how many had to be killed.</returns>
    public async Task<(int Ended, int Killed)> StopAsync(CancellationToken stop)
    {
        var living = Living();
        var killed = await EndAsync([.. living.Select(member => member.Process)]);
        await LocalMembers.ForgetAsync(Folder, stop);
        return (living.Count, killed);
    }

    /// <summary>Without a living silo what the table says is of the past.</summary>
    private async Task ForgetIfGoneAsync(CancellationToken stop)
    {
        if (Living().Count == 0)
        {
            await LocalMembers.ForgetAsync(Folder, stop);
        }
    }

    /// <summary>Starts what is missing. A silo that stops, or was killed meanwhile, is replaced when its process has ended and its name is free.</summary>
    private void StartMissing(List<SiloChild> children, int silos)
    {
        var taken = Living().Select(member => member.Name).Union(children.Select(child => child.Name), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        children.AddRange(Enumerable.Range(1, silos).Select(i => $"silo-{i}").Where(name => !taken.Contains(name)).Take(silos - taken.Count).Select(name => SiloChild.Start(Folder, name, settings)));
    }

    private async Task AllKnowEachOtherAsync(List<SiloChild> children, int silos, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (; ; )
        {
            stop.ThrowIfCancellationRequested();
            StartMissing(children, silos);
            if (children.Find(child => child.HasExited) is { } ended)
            {
                throw new RunFailedException(string.Join('\n', [$"{ended.Name} ended while it was starting; the last lines of {ended.Log}:", .. ended.LastLines(20)]));
            }

            var active = Members().Where(member => member is { State: LocalMembers.Active, Http: not null }).ToList();
            if (active.Count >= silos && (await Task.WhenAll(active.Select(member => KnownAsync(http, member, stop)))).All(known => known >= silos))
            {
                return;
            }

            if (clock.Elapsed > _startPatience)
            {
                throw new RunFailedException($"only {active.Count} of {silos} silos work after {clock.Elapsed.TotalSeconds:0} s; logs are in {Folder}");
            }

            await Task.Delay(_poll, stop);
        }
    }

    /// <summary>How many silos one knows; 0: it does not answer, or says that it is not ready.</summary>
    private static async Task<int> KnownAsync(HttpClient http, LocalMember member, CancellationToken stop)
    {
        try
        {
            return Silos().Match(await http.GetStringAsync(new Uri($"http://{member.Http}/health/ready"), stop)) is { Success: true } match
                ? int.Parse(match.Groups[1].Value, null)
                : 0;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>How many had to be killed.</summary>
    private static async Task<int> EndAsync(IReadOnlyList<ProcessIdentity> silos)
    {
        foreach (var silo in silos)
        {
            Signals.SendTerminate(silo);
        }

        await GoneAsync(silos, _stopPatience);
        List<ProcessIdentity> left = [.. silos.Where(silo => silo.IsAlive)];
        left.ForEach(Signals.SendKill);
        await GoneAsync(left, _stopPatience);
        return left.Count;
    }

    private static async Task GoneAsync(IReadOnlyList<ProcessIdentity> silos, TimeSpan patience)
    {
        for (var clock = Stopwatch.StartNew(); silos.Any(silo => silo.IsAlive) && clock.Elapsed < patience;)
        {
            await Task.Delay(_poll);
        }
    }

    [GeneratedRegex("^ready, silos: ([0-9]+)")]
    private static partial Regex Silos();
}
