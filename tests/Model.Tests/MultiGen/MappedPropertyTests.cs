using CsCheck;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>What always holds when files are read and mapped and anonymous memory is swapped, for every variant.</summary>
public class MappedPropertyTests
{
    private const int Anon = MultiGenLruvec.Anon;
    private const int File = MultiGenLruvec.File;
    private const int Files = 300;
    private const int Anons = 200;

    private static readonly int[] Swappinesses = [0, 1, 60, 199, 200, 201];

    // Touches of a run of pages in one of three ways, then a pass of reclaim.
    private static readonly Gen<(int Variant, int Swap, (int Kind, int First, int Count, int Priority, int Swappiness)[] Steps)> Cases = Gen.Select(
        Gen.Int[0, KernelChoice.Variants.Count - 1],
        Gen.Int[0, 300],
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, Anons - 1], Gen.Int[1, 150], Gen.Int[0, 12], Gen.Int[0, Swappinesses.Length - 1]).Array[1, 60]);

    [Fact]
    public void Each_page_in_memory_is_on_one_list_and_counted_in_the_generation_that_it_names() => Cases.Sample(test =>
    {
        var process = Make(test);
        foreach (var step in test.Steps)
        {
            Run(process, step);
            var lruvec = process.Lruvec;
            lruvec.Drain();
            var listed = new List<uint>();
            for (var slot = 0ul; slot < 4; slot++)
            {
                for (var type = Anon; type <= File; type++)
                {
                    var pages = lruvec.Pages(slot, type).ToArray();
                    Assert.All(pages, page => Assert.Equal(type == Anon, page >= process.FirstAnon));
                    Assert.All(pages, page => Assert.InRange(process.State[page] & FolioFlags.Gen, 1, 4));
                    listed.AddRange(pages);
                    var named = process.State.Where((state, page) => (state & FolioFlags.Gen) == (int)slot + 1 && page < process.FirstAnon == (type == File));
                    Assert.Equal(lruvec.Size(slot, type), named.Count());
                }
            }

            Assert.Equal(process.State.Index().Where(page => page.Item != 0).Select(page => (uint)page.Index), listed.Order());
            Assert.Equal(process.Memcg.FilePages + process.Memcg.AnonPages, listed.Count);
        }
    });

    [Fact]
    public void Both_types_have_two_to_four_generations_that_only_get_younger() => Cases.Sample(test =>
    {
        var process = Make(test);
        var lruvec = process.Lruvec;
        var oldest = new ulong[2];
        foreach (var step in test.Steps)
        {
            Run(process, step);
            for (var type = Anon; type <= File; type++)
            {
                Assert.InRange(lruvec.MaxSeq - lruvec.MinSeq(type) + 1, 2ul, 4ul);
                Assert.True(lruvec.MinSeq(type) >= oldest[type]);
                oldest[type] = lruvec.MinSeq(type);
            }

            // 201 is for kernels that let the types apart.
            if (lruvec.Rules.MinSeqOrder == MinSeqOrder.AnonFirst && test.Steps.All(other => Swappinesses[other.Swappiness] <= 200))
            {
                Assert.True(lruvec.MinSeq(Anon) <= lruvec.MinSeq(File));
            }
        }
    });

    [Fact]
    public void Anonymous_pages_are_in_memory_or_in_swap_and_stay_where_they_are_without_swappiness() => Cases.Sample(test =>
    {
        var process = Make(test);
        var touched = new HashSet<int>();
        foreach (var step in test.Steps)
        {
            var (anon, swapped) = Run(process, step);
            touched.UnionWith(step.Kind == 2 ? Enumerable.Range(step.First, Math.Min(step.Count, Anons - step.First)) : []);
            Assert.Equal(touched.Count, process.Memcg.AnonPages + process.Memcg.SwapUsed);
            Assert.InRange(process.Memcg.SwapUsed, 0, test.Swap);
            Assert.True(Swappinesses[step.Swappiness] != 0 || (anon, swapped) == (process.Memcg.AnonPages, process.Memcg.SwapUsed));
        }
    });

    private static Process Make((int Variant, int Swap, (int, int, int, int, int)[] Steps) test) =>
        new(KernelChoice.Variants[test.Variant], Files, Anons, test.Swap);

    /// <returns>Anonymous pages in memory and in swap before the reclaim.</returns>
    private static (long Anon, long Swapped) Run(Process process, (int Kind, int First, int Count, int Priority, int Swappiness) step)
    {
        var end = Math.Min(step.First + step.Count, step.Kind == 2 ? Anons : Files);
        for (var at = step.First; at < end; at++)
        {
            switch (step.Kind)
            {
                case 0 when process.State[at] == 0:
                    process.ReadFile((uint)at, 1);
                    break;
                case 0:
                    process.Lruvec.TryTouch((uint)at);
                    break;
                case 1 when process.State[at] == 0:
                    process.FaultFile((uint)at, 1);
                    break;
                case 1 when process.Maps((uint)at):
                    process.Use((uint)at);
                    break;
                case 2 when process.MapsAnon(at):
                    process.UseAnon(at);
                    break;
                case 2:
                    process.FaultAnon(at, 1, use: true);
                    break;
            }
        }

        process.Swappiness = Swappinesses[step.Swappiness];
        var before = (process.Memcg.AnonPages, process.Memcg.SwapUsed);
        process.Shrink(step.Priority);
        return before;
    }
}
