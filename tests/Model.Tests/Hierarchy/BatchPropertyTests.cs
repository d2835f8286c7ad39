using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers of a host that is short of memory, that run at the same time where nothing but its free pages brings them together.</summary>
public sealed class BatchPropertyTests
{
    private const int Runs = 60;

    [Fact]
    public void How_a_run_is_cut_into_steps_does_not_matter() => RandomHost.AnyTogether.Sample(
        host => Assert.Equal(Shown(host with { Step = int.MaxValue }, OneByOne.Runner), Shown(host, OneByOne.Runner)),
        iter: Runs);

    [Fact]
    public void A_run_may_be_cut_after_every_access() => RandomHost.AnyTogether.Sample(
        host => Assert.Equal(Shown(host with { Step = int.MaxValue }, OneByOne.Runner), Shown(host with { Step = 1 + host.Step % 30 }, OneByOne.Runner)),
        iter: Runs / 4);

    [Fact]
    public void Who_of_a_batch_runs_first_does_not_matter() => RandomHost.AnyTogether.Sample(
        host => Assert.Equal(Shown(host, OneByOne.Runner), Shown(host, new LastFirst())),
        iter: Runs);

    [Fact]
    public void They_may_run_on_several_threads() => RandomHost.AnyTogether.Sample(
        host => Assert.Equal(Shown(host, OneByOne.Runner), Shown(host, new OnThreads())),
        iter: Runs);

    /// <summary>Else these properties would show little.</summary>
    [Fact]
    public void Many_hosts_run_half_of_their_turns_in_batches()
    {
        var (batched, pressed, reclaimed) = (0, 0, 0);
        RandomHost.AnyTogether.Sample(
            host =>
            {
                var counted = new Counted();
                var domain = Finished(host, counted).Domain;
                _ = domain.Turns < 2 * counted.Turns ? Interlocked.Increment(ref batched) : 0;
                _ = domain.Batches > 0 && domain.Nodes.Any(node => node.Rounds > 0) ? Interlocked.Increment(ref pressed) : 0;
                _ = domain.Batches > 0 && domain.Nodes.Any(node => node.Stalls > 0) ? Interlocked.Increment(ref reclaimed) : 0;
            },
            iter: 2 * Runs);

        Assert.InRange(batched, Runs, 2 * Runs);
        Assert.InRange(pressed, Runs / 2, 2 * Runs);
        Assert.InRange(reclaimed, Runs / 30, 2 * Runs);
    }

    [Theory]
    [InlineData("turns")]
    [InlineData("a limit above")]
    [InlineData("a disk")]
    [InlineData("a shared file")]
    public void Who_may_meet_elsewhere_runs_alone(string meets) => RandomHost.AnyTogether.Sample(
        any =>
        {
            var host = meets switch
            {
                "turns" => any with { Turns = true },
                "a limit above" => any with { Groups = [new RandomHost.Group(0, 1000, 0, 0, 0, false)] },
                "a disk" => any with { Disk = new Reclaim.Model.Time.DeviceType(20_000, 300_000_000, 1) },
                _ => any with { SharesFile = true },
            };
            var domain = Finished(host, OneByOne.Runner).Domain;
            Assert.True(domain.Batches == 0 || (host.SharesFile && domain.Files.Count == 0), $"{domain.Batches} batches");
        },
        iter: Runs / 4);

    /// <summary>All that is to be seen of a run at its end, or why it broke off.</summary>
    private static IEnumerable<string> Shown(RandomHost host, IBatchRunner runner)
    {
        var (containers, domain, stalled) = Finished(host, runner);
        var nodes = domain.Nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"{node.Free} free, {node.Rounds} rounds of {node.KswapdNs} ns, {node.Stalls} stalls"));
        var groups = domain.Tree.Nodes.Select((cgroup, node) => string.Create(CultureInfo.InvariantCulture, $"{cgroup.Path} {cgroup.Usage}, {(cgroup.Member < 0 ? domain.Pressure(node) : default)}"));
        return stalled is null ? [.. containers.Select(Plans.Dump), .. nodes, .. groups, domain.Batches.ToString(CultureInfo.InvariantCulture)] : [stalled];
    }

    private static (ImmutableArray<Container> Containers, SharedDomain Domain, string? Stalled) Finished(RandomHost host, IBatchRunner runner)
    {
        var (steps, containers, domain) = host.Build(runner);
        try
        {
            while (!steps.Coordinator.Done)
            {
                steps.Step(host.Step);
                Assert.Equal(containers.Sum(container => container.PagesAllocated), domain.Nodes.Sum(node => node.Taken));
                Assert.Equal(containers.Sum(container => container.PagesCharged), domain.Tree.Nodes[0].Usage + domain.PendingStock);
                Assert.All(domain.Nodes, node => Assert.InRange(node.Free, 0, node.Size));
            }
        }
        catch (StalledException stalled)
        {
            return (containers, domain, stalled.Message);
        }

        return (containers, domain, null);
    }

    private sealed class LastFirst : IBatchRunner
    {
        public void Run(MemberBatch batch, Action<int> run) => Enumerable.Range(0, batch.Count).Reverse().Where(batch.IsDue).ToList().ForEach(run);
    }

    private sealed class OnThreads : IBatchRunner
    {
        public void Run(MemberBatch batch, Action<int> run) => Parallel.ForEach(Enumerable.Range(0, batch.Count).Where(batch.IsDue).ToList(), run);
    }

    private sealed class Counted : IBatchRunner
    {
        public long Turns { get; private set; }

        public void Run(MemberBatch batch, Action<int> run)
        {
            Turns += Enumerable.Range(0, batch.Count).Count(batch.IsDue);
            OneByOne.Runner.Run(batch, run);
        }
    }
}
