using CsCheck;
using Reclaim.Model.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>Tree nodes out of pages.</summary>
public class KernelMemoryTests
{
    [Fact]
    public void Seven_nodes_fit_in_a_page()
    {
        var kernel = new KernelMemory(0);
        Assert.False(kernel.TryAllocateNode());
        kernel.AddPage();
        Assert.All(Enumerable.Range(0, 7), _ => Assert.True(kernel.TryAllocateNode()));
        Assert.False(kernel.TryAllocateNode());
        Assert.Equal(7 * KernelMemory.NodeBytes, kernel.SlabBytes);
    }

    [Fact]
    public void Pages_of_the_processes_are_there_from_the_start_and_stay()
    {
        var kernel = new KernelMemory(5);
        Assert.Equal((5L, 0L), (kernel.Pages, kernel.SlabBytes));
        Assert.False(kernel.TryAllocateNode());
    }

    [Fact]
    public void Pages_always_hold_the_nodes_alive_and_at_most_a_page_more() =>
        Gen.Int[-20, 20].Array[0, 200].Sample(steps =>
        {
            var kernel = new KernelMemory(3);
            var nodes = 0;
            foreach (var step in steps)
            {
                for (var i = 0; i < step; i++, nodes++)
                {
                    if (!kernel.TryAllocateNode())
                    {
                        kernel.AddPage();
                        Assert.True(kernel.TryAllocateNode());
                    }
                }

                if (step < 0)
                {
                    var freed = Math.Min(-step, nodes);
                    var before = kernel.Pages;
                    Assert.Equal(before - kernel.FreeNodes(freed), kernel.Pages);
                    nodes -= freed;
                }

                Assert.Equal((long)nodes * KernelMemory.NodeBytes, kernel.SlabBytes);
                Assert.InRange((kernel.Pages - 3) * 4096 - kernel.SlabBytes, 0, 4096);
            }
        });
}
