using System.Text;
using Reclaim.Model.Kernels;
using Xunit;

namespace Reclaim.Model.Tests.Kernels;

/// <summary>The tables of docs/variants.md are what the code says.</summary>
public sealed class VariantTableTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "variants.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_table_of_rules_has_each_rule_with_its_meaning_and_values()
    {
        var table = new StringBuilder("| rule | says | values |\n| --- | --- | --- |\n");
        foreach (var (name, values, meaning) in KernelRules.List)
        {
            table.Append($"| `{name}` | {meaning} | {string.Join(", ", values.Select(value => $"`{value}`"))} |\n");
        }

        Assert.Contains(table.ToString(), s_text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_variants_has_the_choice_of_each_for_each_rule()
    {
        var variants = KernelChoice.Variants;
        var choices = variants.Select(KernelRules.ChoicesOf).ToList();
        var table = new StringBuilder($"| rule | {string.Join(" | ", variants)} |\n| --- |{string.Concat(variants.Select(_ => " --- |"))}\n");
        for (var rule = 0; rule < KernelRules.List.Count; rule++)
        {
            table.Append($"| `{KernelRules.List[rule].Name}` | {string.Join(" | ", choices.Select(choice => choice[rule]))} |\n");
        }

        Assert.Contains(table.ToString(), s_text, StringComparison.Ordinal);
    }
}
