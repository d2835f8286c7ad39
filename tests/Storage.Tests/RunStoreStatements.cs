using Reclaim.Grains.Storage;
using Reclaim.StoreWriter;

namespace Reclaim.Storage.Tests;

/// <summary>What is true of every store, whatever it keeps its items in.</summary>
public abstract class RunStoreStatements(StoreHome home)
{
    /// <summary>Runs of one test, among those of all others.</summary>
    private readonly string prefix = $"run-{Guid.NewGuid():N}";

    private IRunStore Store => home.Store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(64 << 20)]
    public async Task What_is_written_is_read(int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);

        await Store.WriteAsync(prefix, "item", content, Cancellation);

        var read = await Store.ReadAsync(prefix, "item", Cancellation);
        Assert.NotNull(read);
        Assert.True(content.AsSpan().SequenceEqual(read.Value.Span));
    }

    [Fact]
    public async Task What_nobody_wrote_is_not_there()
    {
        await Store.WriteAsync(prefix, "item", Content(1), Cancellation);

        Assert.Null(await Store.ReadAsync(prefix, "other", Cancellation));
        Assert.Null(await Store.ReadAsync(prefix + "-other", "item", Cancellation));
        Assert.Empty(await Store.ItemsAsync(prefix + "-other", Cancellation));
        Assert.DoesNotContain(prefix + "-other", await Store.RunsAsync(Cancellation));
    }

    [Theory]
    [InlineData(9 << 20, 10)]
    [InlineData(10, 9 << 20)]
    [InlineData(10, 0)]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    public async Task The_last_write_is_what_is_read(int before, int after)
    {
        await Store.WriteAsync(prefix, "item", new byte[before], Cancellation);
        var content = Enumerable.Repeat((byte)7, after).ToArray();

        await Store.WriteAsync(prefix, "item", content, Cancellation);

        Assert.Equal(content, (await Store.ReadAsync(prefix, "item", Cancellation))!.Value.ToArray());
        Assert.Equal(["item"], await Store.ItemsAsync(prefix, Cancellation));
    }

    [Fact]
    public async Task Readers_find_the_old_item_or_the_new_one_and_never_go_back()
    {
        const int versions = 12;
        await Store.WriteAsync(prefix, "item", Versions.Content(0), Cancellation);

        await Task.WhenAll([WriteAsync(), .. Enumerable.Range(0, 2).Select(_ => ReadAsync())]);

        async Task WriteAsync()
        {
            for (var version = 1; version <= versions; version++)
            {
                await Store.WriteAsync(prefix, "item", Versions.Content(version), Cancellation);
            }
        }

        async Task ReadAsync()
        {
            for (var last = 0; last < versions;)
            {
                var read = Versions.Of((await Store.ReadAsync(prefix, "item", Cancellation))!.Value);
                Assert.InRange(read, last, versions);
                last = read;
            }
        }
    }

    [Fact]
    public async Task Of_writers_at_the_same_time_one_wins_whole()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(version => Store.WriteAsync(prefix, "item", Versions.Content(version), Cancellation)));

        Assert.InRange(Versions.Of((await Store.ReadAsync(prefix, "item", Cancellation))!.Value), 0, 5);
    }

    [Fact]
    public async Task Deleted_items_are_gone_and_the_others_stay()
    {
        await WriteAllAsync(prefix, "a", "b", "c", "d");

        await Store.DeleteAsync(prefix, ["b", "never-there", "d"], Cancellation);

        Assert.Equal(["a", "c"], await Store.ItemsAsync(prefix, Cancellation));
        Assert.Null(await Store.ReadAsync(prefix, "b", Cancellation));
        Assert.NotNull(await Store.ReadAsync(prefix, "c", Cancellation));
    }

    [Fact]
    public async Task A_run_goes_with_its_last_item()
    {
        await WriteAllAsync(prefix, "a", "b");

        await Store.DeleteAsync(prefix, ["a", "b"], Cancellation);

        Assert.DoesNotContain(prefix, await Store.RunsAsync(Cancellation));
        Assert.Empty(await Store.ItemsAsync(prefix, Cancellation));
    }

    [Fact]
    public async Task A_deleted_run_is_gone_and_the_others_stay()
    {
        var other = prefix + "-other";
        await WriteAllAsync(prefix, "a", "b");
        await WriteAllAsync(other, "a");

        await Store.DeleteRunAsync(prefix, Cancellation);
        await Store.DeleteRunAsync(prefix, Cancellation);

        var runs = await Store.RunsAsync(Cancellation);
        Assert.DoesNotContain(prefix, runs);
        Assert.Contains(other, runs);
        Assert.Null(await Store.ReadAsync(prefix, "a", Cancellation));
        Assert.NotNull(await Store.ReadAsync(other, "a", Cancellation));
    }

    [Fact]
    public async Task A_run_can_be_written_again_after_it_was_deleted()
    {
        await WriteAllAsync(prefix, "a", "b");
        await Store.DeleteRunAsync(prefix, Cancellation);

        await WriteAllAsync(prefix, "b");

        Assert.Equal(["b"], await Store.ItemsAsync(prefix, Cancellation));
        Assert.Contains(prefix, await Store.RunsAsync(Cancellation));
    }

    [Fact]
    public async Task Deleting_a_run_disturbs_nobody_who_writes_to_it()
    {
        var writing = Enumerable.Range(0, 2).Select(async writer =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Store.WriteAsync(prefix, $"item-{writer}", Content(i), Cancellation);
            }
        });
        var deleting = Enumerable.Range(0, 2).Select(async _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Store.DeleteRunAsync(prefix, Cancellation);
                await Store.DeleteAsync(prefix, ["item-0"], Cancellation);
            }
        });

        await Task.WhenAll(writing.Concat(deleting).ToArray());

        await WriteAllAsync(prefix, "last");
        Assert.Contains("last", await Store.ItemsAsync(prefix, Cancellation));
    }

    [Fact]
    public async Task Names_are_listed_in_the_order_of_their_characters()
    {
        string[] names = ["0", "10", "9", "A", "Z", "a", "a-b", "a.b", "aB", "a_b", "ab", "z"];
        string[] runs = [.. names.Select(name => $"{prefix}.{name}")];
        foreach (var (run, name) in runs.Zip(names).Reverse())
        {
            await WriteAllAsync(run, "item");
            await WriteAllAsync(prefix, name);
        }

        Assert.Equal(names, await Store.ItemsAsync(prefix, Cancellation));
        Assert.Equal(runs, (await Store.RunsAsync(Cancellation)).Where(run => run.StartsWith(prefix + ".", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("ä")]
    [InlineData("line\n")]
    public async Task A_name_that_not_every_store_can_keep_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync(name, "item", Content(1), Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync(prefix, name, Content(1), Cancellation));
        Assert.Empty(await Store.ItemsAsync(prefix, Cancellation));
    }

    [Fact]
    public async Task The_longest_names_are_kept()
    {
        var (run, item) = (new string('r', StoreNames.MaxLength - prefix.Length) + prefix, new string('i', StoreNames.MaxLength));

        await WriteAllAsync(run, item);

        Assert.Equal([item], await Store.ItemsAsync(run, Cancellation));
    }

    private static byte[] Content(int number) => BitConverter.GetBytes(number);

    private async Task WriteAllAsync(string run, params string[] items)
    {
        foreach (var item in items)
        {
            await Store.WriteAsync(run, item, Content(item.Length), Cancellation);
        }
    }
}
