using Reclaim.Model.Kernels;
using Xunit;

namespace Reclaim.Model.Tests.Kernels;

/// <summary>Variants and rules by name.</summary>
public class KernelRulesTests
{
    public static TheoryData<string, string> RulesAndValues() =>
        [.. KernelRules.List.SelectMany(rule => rule.Values.Select(value => (rule.Name, value)))];

    public static TheoryData<string> Variants() => [.. KernelChoice.Variants];

    [Theory, MemberData(nameof(RulesAndValues))]
    public void Every_rule_takes_each_of_its_values_and_shows_it(string rule, string value)
    {
        Assert.Null(KernelRules.Problem(rule, value));
        var at = KernelRules.List.Select((entry, i) => (entry.Name, i)).Single(entry => entry.Name == rule).i;
        foreach (var variant in KernelChoice.Variants)
        {
            var choice = new KernelChoice { Variant = variant, Rules = [(rule, value)] };
            var chosen = new KernelChoice { Variant = variant }.ResolveRules();

            // Whether the rule was changed is seen by changing it to what the variant has already.
            var own = KernelRules.ChoicesOf(variant)[at];
            Assert.Equal(own == value, choice.ResolveRules() == chosen);
            Assert.Equal(chosen, (choice with { Rules = [(rule, value), (rule, own)] }).ResolveRules());
        }
    }

    [Fact]
    public void Every_rule_has_a_meaning_and_at_least_two_values()
    {
        Assert.All(KernelRules.List, rule =>
        {
            Assert.NotEmpty(rule.Meaning);
            Assert.True(rule.Values.Distinct().Count() >= 2);
        });
        Assert.Equal(KernelRules.List.Count, KernelRules.List.Select(rule => rule.Name).Distinct().Count());
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_variant_is_the_sum_of_its_choices(string variant)
    {
        var choices = KernelRules.List.Zip(KernelRules.ChoicesOf(variant), (rule, value) => (rule.Name, value)).ToArray();
        var rules = new KernelChoice { Variant = variant }.ResolveRules();
        var spelled = new KernelChoice { Variant = "v6.8", Rules = choices }.ResolveRules();

        // What is no rule: the format of the debugfs file, the commands that it takes, and CONFIG_LRU_GEN_STATS.
        var format = spelled with { NewDebugfs = rules.NewDebugfs, NewCommands = rules.NewCommands };
        Assert.Equal(rules, format with { HistoryGenerations = rules.HistoryGenerations });
    }

    [Theory]
    [InlineData("v6.8", "v6.7-rc4", "insert.coldFile insert.anonOrDirty protect.saturated refault.restoreIf refault.restoreSets global.small kswapd.stop kswapd.priority")]
    [InlineData("v6.12.117", "v6.12.117-unfixed", "insert.coldFile insert.anonOrDirty protect.saturated refault.restoreIf refault.restoreSets")]
    [InlineData("v6.8", "v6.1.192", "access.advised refault.countIf activate.counts aging.then lookaround.promotes global.order kswapd.stop kswapd.priority proactive.portion demote.proactive")]
    [InlineData("v6.7-rc4", "rfc-v4", "refault.restoreIf refault.recent")]
    [InlineData("v6.8", "opencloudos", "refault.recent")]
    [InlineData("v6.14", "v6.19", "scan.batch proactive.swappiness demote.to protect.partly classic.boost")]
    [InlineData("v6.8", "v6.12.117", "insert.activeClears sort.dirty flusher.wake lookaround.self limit.walk kswapd.priority proactive.portion proactive.swappiness classic.flush batch.add")]
    public void Two_kernels_differ_in_so_much(string one, string other, string rules)
    {
        var (ofOne, ofOther) = (KernelRules.ChoicesOf(one), KernelRules.ChoicesOf(other));

        Assert.Equal(
            rules.Split(' ').Order(),
            KernelRules.List.Where((_, i) => ofOne[i] != ofOther[i]).Select(rule => rule.Name).Order());
    }

    [Theory]
    [InlineData("refault.restoreIf", "refs≥2^W−1 or fault")]
    [InlineData("protect.saturated", "TRUE")]
    [InlineData("protect.saturated", "off")]
    [InlineData("insert.coldFile", "Fixed")]
    [InlineData("aging.wanted", "<4 generations")]
    [InlineData("type.oldest", "anon ≤ file")]
    public void Spaces_case_and_ways_of_writing_do_not_matter(string rule, string value) => Assert.Null(KernelRules.Problem(rule, value));

    [Fact]
    public void A_rule_that_does_not_exist_is_answered_with_those_that_do()
    {
        var problem = KernelRules.Problem("insert.warmFile", "fixed");

        Assert.NotNull(problem);
        Assert.Contains("insert.warmFile", problem, StringComparison.Ordinal);
        Assert.All(KernelRules.List, rule => Assert.Contains(rule.Name, problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_does_not_exist_is_answered_with_those_that_do()
    {
        Assert.Equal("'middle' is not one of: tail | head", KernelRules.Problem("protect.to", "middle"));
        Assert.Throws<ArgumentException>(() => new KernelChoice { Rules = [("protect.to", "middle")] }.ResolveRules());
    }

    [Fact]
    public void A_variant_that_does_not_exist_is_answered_with_those_that_do()
    {
        var error = Assert.Throws<ArgumentException>(() => KernelRules.ChoicesOf("v5.4"));
        Assert.All(KernelChoice.Variants, variant => Assert.Contains(variant, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Generation_statistics_keep_four_generations_of_counters()
    {
        Assert.Equal(4, new KernelChoice { LruGenStats = true }.ResolveRules().HistoryGenerations);
        Assert.Equal(1, new KernelChoice { Variant = "v6.12.117", LruGenStats = false }.ResolveRules().HistoryGenerations);
        Assert.Equal(4, new KernelChoice { Variant = "v6.12.117" }.ResolveRules().HistoryGenerations);
    }
}
