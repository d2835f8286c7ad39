using CsCheck;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>What may be written to lru_gen, and what the kernel answers EINVAL to before it does anything.</summary>
public class LruGenCommandTests
{
    public static TheoryData<string, LruGenCommand> Right => new()
    {
        { "+ 7 0 3", new LruGenAging(7, 0, 3, null, ForceScan: true) },
        { "+ 7 0 3 0", new LruGenAging(7, 0, 3, 0, ForceScan: true) },
        { "+ 7 0 3 60 0", new LruGenAging(7, 0, 3, 60, ForceScan: false) },
        { "+ 7 0 3 200 1", new LruGenAging(7, 0, 3, 200, ForceScan: true) },
        { "- 7 0 1", new LruGenEviction(7, 0, 1, null, ulong.MaxValue) },
        { "- 7 0 1 0 50", new LruGenEviction(7, 0, 1, 0, 50) },
        { "-7 1 18446744073709551615", new LruGenEviction(7, 1, ulong.MaxValue, null, ulong.MaxValue) },
        { " \t+\t7  0 3 \r", new LruGenAging(7, 0, 3, null, ForceScan: true) },
        { "+ 7 0 3\0nothing after it counts", new LruGenAging(7, 0, 3, null, ForceScan: true) },
    };

    [Theory, MemberData(nameof(Right))]
    public void A_command_means(string text, LruGenCommand command)
    {
        var commands = LruGenCommand.Parse(text);

        Assert.Null(commands.Error);
        Assert.Equal([command], commands.Commands);
    }

    [Theory]
    [InlineData("* 1 0 3", "command 1 '* 1 0 3': starts with '*', not with + (aging) or - (eviction) (EINVAL)")]
    [InlineData("1 0 3", "command 1 '1 0 3': starts with '1', not with + (aging) or - (eviction) (EINVAL)")]
    [InlineData("+", "command 1 '+': has no memcg_id: memcg_id, node_id and seq are needed (EINVAL)")]
    [InlineData("+ 1 0", "command 1 '+ 1 0': has no seq: memcg_id, node_id and seq are needed (EINVAL)")]
    [InlineData("+ 1 -1 3", "command 1 '+ 1 -1 3': '-1 3' is not a number where node_id is expected (EINVAL)")]
    [InlineData("+ 1 0 3 all", "command 1 '+ 1 0 3 all': 'all' is not a number (EINVAL)")]
    [InlineData("- 1 0 3 -1", "command 1 '- 1 0 3 -1': '-1' is not a number (EINVAL)")]
    [InlineData("- 1 0 3 60 10 5", "command 1 '- 1 0 3 60 10 5': '5' after the last number (EINVAL)")]
    [InlineData("- 1 0 3 201", "command 1 '- 1 0 3 201': swappiness 201 is above 200 (EINVAL)")]
    public void A_wrong_command_is_named_with_what_is_wrong(string text, string message)
    {
        var commands = LruGenCommand.Parse(text);

        Assert.Empty(commands.Commands);
        Assert.Equal(message, commands.Error?.ToString());
    }

    [Fact]
    public void Commands_before_the_wrong_one_stay_and_those_after_it_are_not_read()
    {
        var commands = LruGenCommand.Parse("+ 1 0 3,;\n - 1 0 1 0 50; x 1 0 2\n+ 1 0 4");

        Assert.Equal([new LruGenAging(1, 0, 3, null, true), new LruGenEviction(1, 0, 1, 0, 50)], commands.Commands);
        Assert.Equal((3, "x 1 0 2"), (commands.Error!.Position, commands.Error.Text));
    }

    [Fact]
    public void Nothing_written_is_no_command_and_no_error()
    {
        foreach (var text in new[] { "", "\n", " ; , \n\n" })
        {
            Assert.Equal((0, null), (LruGenCommand.Parse(text).Commands.Length, LruGenCommand.Parse(text).Error));
        }
    }

    [Fact]
    public void Anonymous_pages_only_is_a_swappiness_from_v6_14_on()
    {
        Assert.Equal([new LruGenEviction(1, 0, 3, 201, ulong.MaxValue)], LruGenCommand.Parse("- 1 0 3 201", LruGenCommand.AnonOnly).Commands);
        Assert.NotNull(LruGenCommand.Parse("- 1 0 3 202", LruGenCommand.AnonOnly).Error);
    }

    [Fact]
    public void A_swappiness_that_is_negative_in_an_int_is_as_good_as_none() =>
        Assert.Equal([new LruGenAging(1, 0, 3, null, true)], LruGenCommand.Parse("+ 1 0 3 4294967295").Commands);

    [Fact]
    public void Numbers_wrap_at_their_width() =>
        Assert.Equal([new LruGenAging(1, 2, 3, null, true)], LruGenCommand.Parse("+ 4294967297 4294967298 18446744073709551619").Commands);

    [Fact]
    public void Commands_written_together_are_read_as_one_by_one() => Gen.ULong.Sample(seed =>
    {
        var random = new SplitMix64(seed);
        var single = new string[1 + random.Below(5)];
        for (var i = 0; i < single.Length; i++)
        {
            single[i] = $"{"+-"[(int)random.Below(2)]} {random.Below(65536)} {random.Below(4)} {random.Next()}"
                + (random.Chance(512) ? $" {random.Below(201)}" + (random.Chance(512) ? $" {random.Next()}" : "") : "");
        }

        var together = LruGenCommand.Parse(string.Join(",;\n"[(int)random.Below(3)], single));

        Assert.Null(together.Error);
        Assert.Equal(single.SelectMany(text => LruGenCommand.Parse(text).Commands), together.Commands);
    });
}
