using CsCheck;
using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Xunit;

namespace Reclaim.Model.Tests.Numa;

/// <summary>From which node each page comes.</summary>
public sealed class PageNodesTests
{
    private const int Runs = 200;

    /// <summary>Page numbers, of which the second half is anonymous.</summary>
    private const int Pages = 512;

    [Fact]
    public void Pages_come_from_the_node_that_a_naive_allocator_would_take_them_from() => Hosts.Sample(
        host =>
        {
            var nodes = new PageNodes(host.Plan, Pages, Pages / 2);
            nodes.Know(host.Free, slow: true);
            var naive = new NaiveAllocator(host);
            foreach (var page in host.Wanted)
            {
                nodes.Allocate((uint)page);
                Assert.Equal(naive.Allocate(page), nodes.Allocated);
            }
        },
        iter: Runs);

    [Theory]
    [InlineData(new[] { 0, 1 }, new[] { 1, 1 })]
    [InlineData(new[] { 1, 0, 2 }, new[] { 1, 1, 1 })]
    [InlineData(new[] { 0, 2 }, new[] { 5, 3 })]
    public void Interleaving_splits_files_and_memory_by_the_weights_of_the_nodes(int[] mems, int[] weights)
    {
        var kind = weights.Max() == 1 ? MempolicyKind.Interleave : MempolicyKind.WeightedInterleave;
        var plan = PlanOf(NumaTopology.Of([true, true, true]), mems, cpu: 1, new Mempolicy(kind, mems) { Weights = weights });
        var rounds = 13;
        foreach (var first in new uint[] { 0, Pages / 2 })
        {
            var taken = new int[3];
            var nodes = new PageNodes(plan, Pages, Pages / 2);
            for (var page = 0u; page < rounds * weights.Sum(); page++)
            {
                nodes.Allocate(first + page);
                taken[nodes.Allocated]++;
            }

            Assert.Equal(mems.Select((_, i) => rounds * weights[i]), mems.Select(node => taken[node]));
        }
    }

    [Fact]
    public void Memory_is_interleaved_by_its_address_in_whatever_order_it_is_touched()
    {
        var plan = PlanOf(NumaTopology.Of([true, true]), [0, 1], cpu: 0, new Mempolicy(MempolicyKind.Interleave, [0, 1]) { Weights = [1, 1] });
        var nodes = new PageNodes(plan, Pages, Pages / 2);
        foreach (var page in new uint[] { 3, 0, 7, 7, 2 })
        {
            nodes.Allocate(Pages / 2 + page);
            Assert.Equal((int)(page % 2), nodes.Allocated);
        }
    }

    /// <summary>Hosts of two to four nodes with a table of distances, some of them nearly full, and who takes pages there.</summary>
    private static Gen<Host> Hosts { get; } =
        from count in Gen.Int[2, 4]
        from distances in Gen.Int[11, 40].Array[16]
        from marks in Gen.Int[2, 10].Array[4]
        from free in Gen.Int[0, 40].Array[4]
        from mems in Gen.Int[1, (1 << count) - 1]
        from cpu in Gen.Int[0, count - 1]
        from kind in Gen.Enum<MempolicyKind>()
        from named in Gen.Int[1, (1 << count) - 1]
        from weights in Gen.Int[1, 4].Array[4]
        from wanted in Gen.Int[0, Pages - 1].Array[1, 120]
        select Of(count, distances, marks, free, Bits(mems, count), cpu, kind, Bits(named, count), weights, wanted);

    private static int[] Bits(int mask, int count) => [.. Enumerable.Range(0, count).Where(node => (mask >> node & 1) != 0)];

    private static Host Of(int count, int[] distances, int[] marks, int[] free, int[] cpuset, int cpu, MempolicyKind kind, int[] named, int[] weights, int[] wanted)
    {
        var table = Enumerable.Range(0, count).Select(from => (int[])[.. Enumerable.Range(0, count).Select(to => from == to ? 10 : distances[Math.Min(from, to) * 4 + Math.Max(from, to)])]).ToArray();
        var nodes = named.Intersect(cpuset).ToArray() is { Length: > 0 } some ? some : cpuset;
        var policy = new Mempolicy(kind, kind == MempolicyKind.Preferred ? nodes[..1] : nodes) { Weights = [.. nodes.Select(node => kind == MempolicyKind.WeightedInterleave ? weights[node] : 1)] };
        var plan = PlanOf(new NumaTopology(table, [.. Enumerable.Repeat(true, count)]), kind == MempolicyKind.Bind ? nodes : cpuset, cpu, policy) with
        {
            Marks = [.. marks.Take(count).Select(mark => new Watermarks(mark, mark + 3, mark + 6, mark + 9))],
        };
        return new Host(plan, table, [.. free.Take(count).Select(pages => (long)pages)], wanted);
    }

    private static NumaPlan PlanOf(NumaTopology topology, IReadOnlyList<int> mems, int cpu, Mempolicy policy) => new()
    {
        Topology = topology,
        Marks = [.. Enumerable.Range(0, topology.Count).Select(_ => new Watermarks(10, 15, 20, 25))],
        Cpu = cpu,
        Mems = mems,
        Policy = policy,
        FarNs = new long[topology.Count],
    };

    private sealed record Host(NumaPlan Plan, int[][] Distance, long[] Free, int[] Wanted);

    /// <summary>Goes by the distances alone: above all low watermarks, then above all min watermarks, each time from the nearest node on, then where most is left.</summary>
    private sealed class NaiveAllocator(Host host)
    {
        private readonly long[] _free = [.. host.Free];
        private int _filePages;

        public int Allocate(int page)
        {
            var plan = host.Plan;
            var from = plan.Policy.Kind switch
            {
                MempolicyKind.Preferred => plan.Policy.Nodes[0],
                MempolicyKind.Interleave or MempolicyKind.WeightedInterleave => Turn(page >= Pages / 2 ? page - Pages / 2 : _filePages++),
                _ => plan.Cpu,
            };

            // Who is as near as another is for the topology to say.
            var order = plan.Mems.OrderBy(node => host.Distance[from][node]).ThenBy(node => plan.Topology.Zonelist(from).ToList().IndexOf(node)).ToList();
            var node = order.Cast<int?>().FirstOrDefault(node => _free[node!.Value] > plan.Marks[node.Value].Low)
                ?? order.Cast<int?>().FirstOrDefault(node => _free[node!.Value] > plan.Marks[node.Value].Min)
                ?? order.MaxBy(node => _free[node]);
            _free[node]--;
            return node;
        }

        private int Turn(int number)
        {
            var row = host.Plan.Policy.Nodes.SelectMany((node, i) => Enumerable.Repeat(node, host.Plan.Policy.Weights[i])).ToList();
            return row[number % row.Count];
        }
    }
}
