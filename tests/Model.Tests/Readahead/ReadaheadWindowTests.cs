using CsCheck;
using Reclaim.Model.Readahead;
using Xunit;

namespace Reclaim.Model.Tests.Readahead;

/// <summary>Where readahead reads, and when.</summary>
public class ReadaheadWindowTests
{
    private const int Max = 32;

    private static readonly CachedPages Nothing = CachedPages.From(0, 0);

    [Fact]
    public void A_reader_that_starts_in_the_middle_is_believed_at_its_second_page()
    {
        var (window, range) = ReadaheadWindow.Fresh.Miss(100, 1, Max, Nothing);
        Assert.Equal((new ReadaheadRange(100, 1, 0), -1), (range, range.Mark));

        (window, range) = window.After(101 << 12).Miss(101, 1, Max, CachedPages.From(100, 1));
        Assert.Equal((new ReadaheadRange(101, 4, 3), 102), (range, range.Mark));

        (window, range) = window.After(102 << 12).Marked(102, 1, Max, CachedPages.From(100, 5));
        Assert.Equal((new ReadaheadRange(105, 8, 8), 105), (range, range.Mark));
        Assert.Equal(new ReadaheadWindow(105, 8, 8, 102 << 12), window);
    }

    [Theory]
    [InlineData(1, 4, 3)]
    [InlineData(2, 4, 2)]
    [InlineData(3, 8, 5)]
    [InlineData(8, 16, 8)]
    [InlineData(9, 32, 23)]
    [InlineData(31, 32, 1)]
    public void At_the_start_of_a_file_the_window_is_two_to_four_times_the_request(int requested, int size, int async) =>
        Assert.Equal(new ReadaheadRange(0, size, async), ReadaheadWindow.Fresh.Miss(0, requested, Max, Nothing).Range);

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1000)]
    public void A_request_of_the_maximum_or_more_reads_the_maximum_and_has_the_mark_in_its_middle(int requested) =>
        Assert.Equal(new ReadaheadRange(0, 32, 16), ReadaheadWindow.Fresh.Miss(0, requested, Max, Nothing).Range);

    [Fact]
    public void A_request_above_the_maximum_starts_a_window_wherever_it_is() =>
        Assert.Equal(new ReadaheadRange(500, 32, 16), ReadaheadWindow.Fresh.Miss(500, 33, Max, Nothing).Range);

    [Theory]
    [InlineData(32, new[] { 4, 8, 16, 32, 32, 32 })]
    [InlineData(64, new[] { 4, 8, 16, 32, 64, 64 })]
    [InlineData(128, new[] { 4, 16, 32, 64, 128, 128 })]
    [InlineData(1024, new[] { 4, 16, 64, 128, 256, 512, 1024, 1024 })]
    public void Windows_of_a_sequential_reader_grow_to_the_maximum(int max, int[] sizes)
    {
        var windows = ReadInOrder(0, 4 * max, max).Windows;

        Assert.Equal(sizes, windows.Take(sizes.Length).Select(range => range.Pages));
    }

    [Fact]
    public void A_sequential_reader_has_every_page_read_once_in_windows_that_never_shrink() =>
        Gen.Select(Gen.Int[0, 3000], Gen.Int[1, 1000], Gen.Int[1, 256], Gen.Int[1, 20]).Sample((first, pages, max, requested) =>
        {
            var (reads, windows) = ReadInOrder(first, pages, max, requested);

            Assert.All(reads.Values, times => Assert.Equal(1, times));
            Assert.Equal(Enumerable.Range(first, pages).Select(page => (long)page), reads.Keys.Order().Take(pages));
            Assert.All(windows, range => Assert.InRange(range.Pages, 1, Math.Max(max, requested)));
            var grown = windows.SkipWhile(range => range.Lookahead == 0).Select(range => range.Pages).ToArray();
            Assert.Equal(grown.Order(), grown);
        });

    [Fact]
    public void Pages_gone_before_they_were_read_start_a_small_window_anew()
    {
        var window = new ReadaheadWindow(128, 32, 32, 139 << 12);

        Assert.Equal(new ReadaheadRange(139, 4, 3), window.Miss(139, 1, Max, Nothing).Range);
    }

    [Fact]
    public void A_marked_page_that_is_gone_moves_the_window_on_and_is_not_in_it()
    {
        var window = new ReadaheadWindow(64, 32, 16, 80 << 12);

        Assert.Equal(new ReadaheadRange(96, 32, 32), window.Miss(80, 1, Max, Nothing).Range);
    }

    [Fact]
    public void A_reader_that_is_not_aligned_goes_on_in_the_page_where_it_stopped() =>
        Assert.Equal(new ReadaheadRange(70, 4, 2), ReadaheadWindow.Fresh.After((70 << 12) + 100).Miss(70, 2, Max, Nothing).Range);

    [Fact]
    public void A_jump_reads_what_was_requested_and_leaves_the_window_alone()
    {
        var window = new ReadaheadWindow(64, 32, 32, 70 << 12);

        Assert.Equal((window, new ReadaheadRange(500, 2, 0)), window.Miss(500, 2, Max, Nothing));
    }

    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(2, 1, 3, 1)]
    [InlineData(2, 2, 2, 0)]
    [InlineData(7, 2, 9, 1)]
    [InlineData(31, 1, 32, 1)]
    [InlineData(60, 1, 32, 1)]
    public void More_pages_before_it_in_memory_than_requested_make_a_jump_a_stream(int history, int requested, int size, int async) =>
        Assert.Equal(
            new ReadaheadRange(500, size, async),
            ReadaheadWindow.Fresh.Miss(500, requested, Max, CachedPages.From(500 - history, history)).Range);

    [Fact]
    public void Pages_in_memory_back_to_the_start_of_the_file_count_twice() =>
        Assert.Equal(new ReadaheadRange(3, 7, 1), ReadaheadWindow.Fresh.Miss(3, 1, Max, CachedPages.From(0, 3)).Range);

    [Fact]
    public void A_mark_of_another_reader_goes_on_at_the_next_hole()
    {
        var window = new ReadaheadWindow(64, 32, 32, 70 << 12);

        Assert.Equal(
            (window with { Start = 208, Size = 18, Async = 18 }, new ReadaheadRange(208, 18, 18)),
            window.Marked(200, 1, Max, CachedPages.From(200, 8)));
    }

    [Fact]
    public void Without_a_hole_in_the_next_pages_a_mark_reads_nothing()
    {
        var window = new ReadaheadWindow(64, 32, 32, 70 << 12);

        Assert.Equal(233, window.Marked(200, 1, Max, CachedPages.From(200, Max)).Range.Start + 1);
        Assert.Equal((window, default), window.Marked(200, 1, Max, CachedPages.From(200, Max + 1)));
    }

    [Theory]
    [InlineData(1000, 32, 116)]
    [InlineData(120, 20, 104)]
    [InlineData(110, 10, -1)]
    [InlineData(100, 0, -1)]
    [InlineData(50, 0, -1)]
    public void A_window_ends_with_the_file_and_its_mark_moves_with_the_end(int filePages, int pages, int mark)
    {
        var range = new ReadaheadRange(100, 32, 16).Within(filePages);

        Assert.Equal((pages, mark), (range.Pages, range.Mark));
    }

    [Theory]
    [InlineData(ReadaheadAdvice.Normal, 32)]
    [InlineData(ReadaheadAdvice.Sequential, 64)]
    public void Sequential_advice_doubles_the_maximum(ReadaheadAdvice advice, int max) => Assert.Equal(max, ReadaheadWindow.MaxPages(32, advice));

    /// <summary>Reads pages in order, with a memory from which nothing goes.</summary>
    /// <returns>How often each page came from the device, and what was read together.</returns>
    private static (Dictionary<long, int> Reads, List<ReadaheadRange> Windows) ReadInOrder(int first, int pages, int max, int requested = 1)
    {
        var (reads, marks, windows) = (new Dictionary<long, int>(), new HashSet<long>(), new List<ReadaheadRange>());
        var (window, cached) = (ReadaheadWindow.Fresh, new HashSet<long>());
        for (var start = first; start < first + pages; start += requested)
        {
            for (var index = start; index < start + requested; index++)
            {
                if (!cached.Contains(index))
                {
                    Bring(window.Miss(index, start + requested - index, max, new CachedPages(cached)));
                }

                if (marks.Remove(index))
                {
                    Bring(window.Marked(index, start + requested - index, max, new CachedPages(cached)));
                }
            }

            window = window.After((long)(start + requested) << 12);
        }

        return (reads, windows);

        void Bring((ReadaheadWindow Window, ReadaheadRange Range) next)
        {
            (window, var range) = next;
            windows.Add(range);
            for (var index = range.Start; index < range.End; index++)
            {
                if (cached.Add(index))
                {
                    reads[index] = reads.GetValueOrDefault(index) + 1;
                    if (index == range.Mark)
                    {
                        marks.Add(index);
                    }
                }
            }
        }
    }
}
