using CsCheck;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Hierarchy;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Sharing;

/// <summary>Who is charged for the pages of a file that several cgroups use, whatever they do.</summary>
public sealed class SharedFilePropertyTests
{
    private const int Runs = 60;

    [Fact]
    public void Without_pressure_a_page_is_charged_to_who_touches_it_first() => SharingHost.Any.Sample(
        any =>
        {
            // Exactly what is asked for, one access at a time, round and round.
            var host = any with { Turns = true, Members = [.. any.Members.Select(member => member with { Max = 20_000, Path = 0, Own = 0 })] };
            var (steps, containers) = host.Build();
            var first = new Dictionary<uint, int>();
            var left = Enumerable.Range(0, containers.Length).Select(member => Pages(host, member)).ToList();
            while (left.Exists(pages => pages.Count != 0))
            {
                for (var member = 0; member < left.Count; member++)
                {
                    for (var turn = host.PlanOf(member).Jobs[0].Turn; turn > 0 && left[member].TryDequeue(out var page); turn--)
                    {
                        first.TryAdd(page, member);
                    }
                }
            }

            Finish(steps, 977);

            for (var page = 0; page < host.Pages; page++)
            {
                Assert.Equal(first.TryGetValue((uint)page, out var member) ? member : -1, OwnerOf(containers, page));
            }
        },
        iter: Runs);

    /// <summary>One access a step: what is charged may change only at the page accessed, and by eviction from whoever makes the access.</summary>
    [Fact]
    public void A_page_stays_with_whom_it_is_charged_to_until_that_one_evicts_it_and_goes_to_who_reads_it_then() => SharingHost.Any.Sample(
        any =>
        {
            var host = any with { Pages = any.Pages % 500 + 70, Members = [.. any.Members.Select(member => member with { Max = member.Max % 200 + 100, Accesses = member.Accesses % 500 + 1, Path = 0 })] };
            var (steps, containers) = host.Build();
            var before = Owners(host, containers);
            var moved = 0;
            while (!steps.Coordinator.Done)
            {
                var accesses = containers.Select(container => container.Accesses).ToList();
                var misses = containers.Select(container => container.Misses).ToList();
                steps.Step(1);
                var after = Owners(host, containers);
                var ran = Enumerable.Range(0, containers.Length).Where(member => containers[member].Accesses != accesses[member]).DefaultIfEmpty(-1).Single();
                for (var page = 0; page < host.Pages; page++)
                {
                    if (after[page] == before[page])
                    {
                        continue;
                    }

                    // Evicted from it, or read by it.
                    Assert.Equal(ran, before[page] < 0 ? after[page] : before[page]);
                    Assert.True(before[page] < 0 || after[page] < 0, $"page {page} went from {before[page]} to {after[page]} in one access");
                    moved += before[page] < 0 ? 1 : 0;
                }

                Assert.InRange(after.Where((owner, page) => owner >= 0 && before[page] < 0).Count(), 0, ran < 0 ? 0 : containers[ran].Misses - misses[ran]);
                before = after;
            }

            Assert.Equal(containers.Sum(container => container.Memcg!.Shared!.Figures(3).BroughtIn), moved);
        },
        iter: Runs);

    [Fact]
    public void Who_shares_a_file_that_nobody_else_reads_is_as_if_it_were_alone() => SharingHost.Any.Sample(
        any =>
        {
            var host = any with { Turns = false, Members = [any.Members[0] with { Path = any.Members[0].Path % 4 }, .. any.Members.Skip(1).Select(member => member with { Path = 4 })] };
            var (steps, containers) = host.Build();
            Finish(steps, 1013);

            Assert.Equal(Plans.Dump(Plans.Finished(host.PlanOf(0) with { SharedFiles = [] })), Plans.Dump(containers[0]));
        },
        iter: Runs);

    [Fact]
    public void How_a_run_is_cut_into_steps_does_not_matter() => Gen.Select(SharingHost.Any, Gen.Int[1, 3000]).Sample(
        (host, step) =>
        {
            var (whole, cut) = (host.Build(), host.Build());
            Finish(whole.Steps, long.MaxValue);
            Finish(cut.Steps, step);

            Assert.Equal(whole.Containers.Select(Shown), cut.Containers.Select(Shown));
        },
        iter: Runs);

    [Fact]
    public void Pages_and_tree_nodes_are_each_somebodys_and_all_know_whose() => Gen.Select(SharingHost.Any, Gen.Int[50, 3000]).Sample(
        (host, step) =>
        {
            var (steps, containers) = host.Build();
            while (!steps.Coordinator.Done)
            {
                steps.Step(step);
                foreach (var memcg in containers.Select(container => container.Memcg!))
                {
                    // Own pages only: memory.stat's "file", and what is charged.
                    Assert.Equal(memcg.FilePages, memcg.Folios.State.Count(state => state is not (0 or SharedPages.Foreign)));
                    Assert.Equal(memcg.Charge.Usage, memcg.Charge.Stock + memcg.FilePages + memcg.AnonPages + memcg.Kernel.Pages);
                    Assert.Equal(memcg.Kernel.SlabBytes, memcg.Tree.Nodes * KernelMemory.NodeBytes);
                    Assert.InRange(memcg.Charge.Usage, 0, memcg.Charge.Max);
                }
            }

            for (var page = 0; page < host.Pages; page++)
            {
                var owners = containers.Count(container => SharingHost.IsCharged(container, page));
                Assert.InRange(owners, 0, 1);
                Assert.All(containers, container => Assert.Equal(owners != 0, SharingHost.StateOf(container, page) != 0));
            }
        },
        iter: Runs);

    [Fact]
    public void Whoever_is_charged_for_a_page_knows_all_page_tables_that_have_it() => SharingHost.Any.Sample(
        host =>
        {
            var (steps, containers) = host.Build();
            Finish(steps, 1013);
            AllKnown(containers, host.Pages);
        },
        iter: Runs);

    [Fact]
    public void So_it_does_where_memory_is_short() => RandomHost.AnyWithSharedFile.Sample(
        host =>
        {
            var (steps, containers, _) = host.Build();
            try
            {
                Finish(steps, host.Step);
            }
            catch (StalledException)
            {
                return;
            }

            AllKnown([.. containers.Where(container => container.Memcg!.Shared is not null)], RandomHost.Work.MostPages);
        },
        iter: 4 * Runs);

    private static void AllKnown(IReadOnlyList<Container> users, int pages)
    {
        foreach (var owner in users)
        {
            for (var page = 0; page < pages; page++)
            {
                if (SharingHost.IsCharged(owner, page))
                {
                    Assert.Equal(
                        users.SelectMany(user => Entries(user, page).Where(entry => entry.IsOwn)).Select(entry => entry.Pte).Order(),
                        Entries(owner, page).Select(entry => entry.Pte).Order());
                }
            }
        }
    }

    /// <summary>What stands in page tables, and copies of them, of a page of the shared file.</summary>
    private static IEnumerable<(PteFlags Pte, bool IsOwn)> Entries(Container container, int page)
    {
        var memcg = container.Memcg!;
        return memcg.Rmap.Of(container.FileBase[0] + (uint)page)
            .Select(vma => (Pte: vma.Pte[page], IsOwn: memcg.Rmap.AddressSpaces.Contains(vma.Mm)))
            .Where(entry => entry.Pte != PteFlags.None);
    }

    private static string Shown(Container container) => $"{Plans.Dump(container)}\n{container.Memcg!.Shared!.Figures(3)}";

    private static int[] Owners(SharingHost host, IReadOnlyList<Container> containers) => [.. Enumerable.Range(0, host.Pages).Select(page => OwnerOf(containers, page))];

    private static int OwnerOf(IReadOnlyList<Container> containers, int page) =>
        Enumerable.Range(0, containers.Count).Where(member => SharingHost.IsCharged(containers[member], page)).DefaultIfEmpty(-1).Single();

    private static Queue<uint> Pages(SharingHost host, int member)
    {
        var source = host.PlanOf(member).Jobs[0].Streams[0].Source;
        var pages = new uint[host.Members[member].Accesses];
        for (var taken = 0; taken < pages.Length;)
        {
            taken += source.Fill(pages.AsSpan(taken));
        }

        return new Queue<uint>(pages);
    }

    private static void Finish(HostSteps steps, long accesses)
    {
        while (!steps.Coordinator.Done)
        {
            steps.Step(accesses);
        }
    }
}
