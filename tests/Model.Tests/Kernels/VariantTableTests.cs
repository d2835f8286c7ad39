using System.Text;
using Reclaim.Model.Kernels;
using Xunit;

namespace Reclaim.Model.Tests.Kernels;

/// <summary>The table of rule choices in docs/variants.md is what the code says.</summary>
public sealed class VariantTableTests
{
    private const string Begin = "<!-- table: begin -->";
    private const string End = "<!-- table: end -->";

    [Fact]
    public void The_documented_table_of_choices_is_that_of_the_code()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "variants.md"));
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var documented = text[from..text.IndexOf(End, StringComparison.Ordinal)].Trim();

        Assert.Equal(Table(), documented);
    }

    [Fact]
    public void Every_rule_says_its_values_and_meaning() =>
        Assert.All(KernelRules.List, rule => Assert.True(rule.Values.Count >= 2 && rule.Meaning.Length > 0, rule.Name));

    private static string Table()
    {
        var table = new StringBuilder($"| rule | values | {string.Join(" | ", KernelChoice.Variants)} |\n| --- | --- |");
        table.Insert(table.Length, " --- |", KernelChoice.Variants.Count).Append('\n');
        var choices = KernelChoice.Variants.Select(KernelRules.ChoicesOf).ToList();
        for (var i = 0; i < KernelRules.List.Count; i++)
        {
            var (name, values, meaning) = KernelRules.List[i];
            table.Append($"| `{name}`: {meaning} | {string.Join(", ", values.Select(value => $"`{value}`"))} | ");
            table.Append(string.Join(" | ", choices.Select(choice => choice[i]))).Append(" |\n");
        }

        return table.ToString().Trim();
    }
}
