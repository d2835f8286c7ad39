using CsCheck;
using Reclaim.Model.Folios;
using Xunit;

namespace Reclaim.Model.Tests.Folios;

/// <summary>The queue against a plain list of pages, tail first.</summary>
public class FolioQueueTests
{
    private const int PageCount = 6000;

    private enum Step
    {
        AddHead,
        AddTail,
        TakeTail,
        Remove,
        DropRun,
        Compact,
    }

    private static readonly Gen<(Step, int)[]> Steps = Gen.Select(
        Gen.Frequency(
            (4, Gen.Const(Step.AddHead)), (3, Gen.Const(Step.AddTail)), (3, Gen.Const(Step.TakeTail)),
            (3, Gen.Const(Step.Remove)), (1, Gen.Const(Step.DropRun)), (1, Gen.Const(Step.Compact))),
        Gen.Int[1, 900]).Array[0, 60];

    [Theory]
    [InlineData(0u)]
    [InlineData(5 * FolioChunks.Size)]
    [InlineData(uint.MaxValue - 2 * FolioChunks.Size + 1)]
    [InlineData(uint.MaxValue - FolioChunks.Size + 1)]
    [InlineData(0x8000_0000u)]
    public void It_does_what_a_list_of_pages_does_wherever_its_positions_begin(uint start) => Steps.Sample(steps =>
    {
        var queue = new FolioQueue(new FolioChunks(), start);
        var fromTail = new List<uint>();
        var positions = new uint[PageCount];
        var outside = new Stack<uint>(Enumerable.Range(0, PageCount).Select(page => (uint)page).Reverse());
        foreach (var (step, count) in steps)
        {
            Run(step, count, queue, fromTail, positions, outside);

            Assert.Equal(fromTail.Count, queue.Count);
            Assert.Equal(fromTail, queue.FromTail());
        }

        for (var i = 0; i < fromTail.Count; i++)
        {
            Assert.True(queue.TryTakeTail(out var page));
            Assert.Equal(fromTail[i], page);
        }

        Assert.False(queue.TryTakeTail(out _));
    });

    [Fact]
    public void Lists_that_share_a_pool_do_not_share_pages()
    {
        var chunks = new FolioChunks();
        var (one, other) = (new FolioQueue(chunks), new FolioQueue(chunks));
        for (var page = 0u; page < 5000; page++)
        {
            (page % 3 == 0 ? one : other).AddHead(page);
            if (page % 5 == 0 && one.TryTakeTail(out var moved))
            {
                other.AddTail(moved);
            }
        }

        Assert.Equal(Enumerable.Range(0, 5000).Select(page => (uint)page), one.FromTail().Concat(other.FromTail()).Order());
    }

    [Fact]
    public void Chunks_come_back_to_the_pool()
    {
        var chunks = new FolioChunks();
        var queue = new FolioQueue(chunks);
        var rented = new HashSet<uint[]>();
        for (var page = 0u; page < 100 * FolioChunks.Size; page++)
        {
            queue.AddHead(page);
            Assert.True(queue.TryTakeTail(out _));
        }

        // A stream through a list that stays short needs a chunk or two, not a hundred.
        for (var i = 0; i < 3; i++)
        {
            rented.Add(chunks.Rent());
        }

        Assert.Equal(3, rented.Count);
        Assert.Equal(0, queue.Count);
    }

    private static void Run(Step step, int count, FolioQueue queue, List<uint> fromTail, uint[] positions, Stack<uint> outside)
    {
        switch (step)
        {
            case Step.AddHead:
                for (; count > 0 && outside.TryPop(out var page); count--)
                {
                    positions[page] = queue.AddHead(page);
                    fromTail.Add(page);
                }

                break;

            case Step.AddTail:
                for (; count > 0 && outside.TryPop(out var page); count--)
                {
                    positions[page] = queue.AddTail(page);
                    fromTail.Insert(0, page);
                }

                break;

            case Step.TakeTail:
                for (; count > 0 && fromTail.Count > 0; count--)
                {
                    Assert.True(queue.TryTakeTail(out var page));
                    Assert.Equal(fromTail[0], page);
                    fromTail.RemoveAt(0);
                    outside.Push(page);
                }

                break;

            case Step.Remove:
                for (; count > 0 && fromTail.Count > 0; count--)
                {
                    var at = count * 7 % fromTail.Count;
                    queue.Remove((uint)positions[fromTail[at]]);
                    outside.Push(fromTail[at]);
                    fromTail.RemoveAt(at);
                }

                break;

            case Step.DropRun:
                var run = queue.TailRun().ToArray();
                var dropped = Math.Min(count, run.Length);
                var pages = run[..dropped].Where(page => page != FolioQueue.Hole).ToArray();
                Assert.Equal(fromTail.Take(pages.Length), pages);
                queue.DropTail(dropped, dropped - pages.Length);
                fromTail.RemoveRange(0, pages.Length);
                foreach (var page in pages)
                {
                    outside.Push(page);
                }

                break;

            default:
                queue.Compact(positions);
                Assert.False(queue.IsSparse);
                break;
        }
    }
}
