using Reclaim.Client.Fio;
using Reclaim.Contracts.Spec;
using Reclaim.Silo;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>docs/scenario.md names all that a scenario may say.</summary>
public sealed class ScenarioReferenceTests
{
    private static readonly string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "scenario.md"));

    [Fact]
    public void Every_option_of_fio_that_is_known_is_listed() => AssertNamed(FioOptionTable.Names);

    [Fact]
    public void Every_rule_and_each_of_its_values_is_listed() =>
        AssertNamed(KernelCatalog.Rules.SelectMany(rule => rule.Value.Prepend(rule.Key)));

    [Fact]
    public void Every_policy_variant_device_type_and_price_is_listed() =>
        AssertNamed([.. KernelCatalog.Policies, .. KernelCatalog.Variants, .. KernelCatalog.DeviceTypes, .. KernelCatalog.Costs]);

    [Fact]
    public void Every_control_file_is_listed() => AssertNamed([.. EventFiles.Writable, .. EventFiles.Readable]);

    private static void AssertNamed(IEnumerable<string> names) =>
        Assert.All(names, name => Assert.True(_text.Contains($"`{name}`", StringComparison.Ordinal), name));
}
