using Reclaim.Model.Nodes;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>In which order the nodes of a host are gone through.</summary>
public sealed class NumaTopologyTests
{
    [Fact]
    public void Each_node_comes_first_in_its_own_list_and_each_other_once()
    {
        var topology = NumaTopology.Of([true, true, false, true]);

        Assert.All(Enumerable.Range(0, topology.Count), node =>
        {
            Assert.Equal(node, topology.Zonelist(node)[0]);
            Assert.Equal([0, 1, 2, 3], topology.Zonelist(node).Order());
        });
    }

    [Fact]
    public void Nearer_nodes_come_before_farther_ones()
    {
        // Two sockets of two nodes each.
        int[][] distance = [[10, 12, 32, 32], [12, 10, 32, 32], [32, 32, 10, 12], [32, 32, 12, 10]];
        var topology = new NumaTopology(distance, [true, true, true, true]);

        Assert.Equal([0, 1], topology.Zonelist(0).Take(2));
        Assert.Equal([2, 3], topology.Zonelist(2).Take(2));
        Assert.All(Enumerable.Range(0, 4), node =>
            Assert.Equal(topology.Zonelist(node).Select(other => topology.Distance(node, other)).Order(), topology.Zonelist(node).Select(other => topology.Distance(node, other))));
    }

    [Fact]
    public void Of_nodes_as_near_as_each_other_one_without_CPUs_comes_first() => Assert.Equal([0, 2, 1], NumaTopology.Of([true, true, false]).Zonelist(0));

    [Fact]
    public void Nodes_of_one_distance_take_turns_in_coming_first()
    {
        int[][] distance = [[10, 12, 32, 32], [12, 10, 32, 32], [32, 32, 10, 12], [32, 32, 12, 10]];
        var topology = new NumaTopology(distance, [true, true, true, true]);

        Assert.NotEqual(topology.Zonelist(0)[2], topology.Zonelist(1)[2]);
    }

    [Fact]
    public void Else_the_next_in_number_and_not_all_begin_at_node_0() => Assert.Equal([1, 2, 0], NumaTopology.Of([true, true, true]).Zonelist(1));

    [Fact]
    public void Tasks_whose_memory_has_no_CPUs_run_on_the_nearest_node_that_has()
    {
        var topology = new NumaTopology([[10, 21, 40], [21, 10, 14], [40, 14, 10]], [true, true, false]);

        Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(topology.NearestWithCpus));
        Assert.Equal(0, topology.FirstWithCpus);
    }
}
