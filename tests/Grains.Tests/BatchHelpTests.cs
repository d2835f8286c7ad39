using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Tests;

/// <summary>Members of a batch that run on whatever compute threads are idle.</summary>
public sealed class BatchHelpTests
{
    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task What_comes_of_a_host_does_not_depend_on_who_helps(string policy)
    {
        var alone = await Finish(policy, OneByOne.Runner);

        using var help = new BatchHelp(ComputeThreads.Shared);
        var helped = await Finish(policy, help);

        Assert.Equal(alone, helped);
    }

    [Fact]
    public async Task Of_several_members_that_fail_the_first_in_the_order_of_the_scenario_is_heard_of()
    {
        using var help = new BatchHelp(ComputeThreads.Shared);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Finish("mglru", new Failing(help)));

        Assert.Equal("member 0", failure.Message);
    }

    private static Task<IReadOnlyList<string>> Finish(string policy, IBatchRunner runner)
    {
        var steps = Reference.Steps(Scenarios.Together(hosts: 1, policy, "v6.12.117"), runner);
        return ComputeThreads.Shared.Run<IReadOnlyList<string>>(() =>
        {
            while (!steps.Coordinator.Done)
            {
                steps.Step(StepBudget.Accesses);
            }

            Assert.InRange(steps.Coordinator.Domains[0].Batches, 100, long.MaxValue);
            return [.. steps.Coordinator.Memcgs.Select(memcg => memcg.ToString()), steps.Coordinator.Domains[0].Turns.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        });
    }

    private sealed class Failing(BatchHelp help) : IBatchRunner
    {
        public void Run(MemberBatch batch, Action<int> run) => help.Run(batch, index => throw new InvalidOperationException($"member {index}"));
    }
}
