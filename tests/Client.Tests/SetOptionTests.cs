using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class SetOptionTests
{
    [Theory]
    [InlineData("host.cgroups.bench.memory.max=128M")]
    [InlineData("host.cgroups.bench.memory.max=134217728")]
    public void A_key_with_dots_in_it_is_found_by_path(string set) =>
        Assert.Equal(128L << 20, Scenarios.Read(Scenarios.Small, set).Spec.Hosts[0].Cgroups[0].MemoryMax);

    [Theory]
    [InlineData("host.cgroups.bench.workloads.0.pattern.acc=5")]
    [InlineData("host.cgroups.bench.workloads[0].pattern.acc=5")]
    public void A_list_element_is_found_by_number(string set) =>
        Assert.Equal(5, ((PatternSpec)Scenarios.Read(Scenarios.Small, set).Spec.Hosts[0].Cgroups[0].Workloads[0]).Acc);

    [Fact]
    public void Keys_that_are_not_written_yet_are_added()
    {
        var spec = Scenarios.Read(
            Scenarios.Small, "kernel.variant=v6.1.192", "kernel.rules.protect.saturated=no", "duration=3s", "host.cgroups.bench.process_memory.anon=4k", "host.vm.dirty_bytes=1M").Spec;

        Assert.Equal(("v6.1.192", 3_000_000_000L), (spec.Kernel.Variant, spec.DurationNs));
        Assert.Equal([new RuleOverride("protect.saturated", "no")], spec.Kernel.Rules);
        Assert.Equal(4096, spec.Hosts[0].Cgroups[0].ProcessAnonBytes);
        Assert.Equal(1 << 20, spec.Hosts[0].Dirty.Bytes);
    }

    [Fact]
    public void A_value_may_be_a_list_or_a_mapping()
    {
        var scenario = Scenarios.Read(Scenarios.Small, "compare=[v6.8, classic]", "host.cgroups.bench.workloads.0={pattern: {pattern: scan, n: 10, acc: 20}}");

        Assert.Equal(2, scenario.Compare.Length);
        Assert.Equal("scan", ((PatternSpec)scenario.Spec.Hosts[0].Cgroups[0].Workloads[0]).Pattern);
    }

    [Theory]
    [InlineData("host.cpu=3", "--set host.cpu=3: host.cpu: unknown key; did you mean 'cpus'?")]
    [InlineData("host.cpus=x", "--set host.cpus=x: host.cpus: 'x' is not a whole number")]
    [InlineData("host.cpus.x=1", "--set host.cpus.x=1: host.cpus.x: 'cpus' is a single value, it has no 'x' below it")]
    [InlineData("host.cgroups.bench.workloads.3.turn=1", "--set host.cgroups.bench.workloads.3.turn=1: host.cgroups.bench.workloads.3.turn: 'workloads' has no element 3 (it has 1, counted from 0)")]
    [InlineData("host.cpus", "--set host.cpus: must be KEY=VALUE, for example --set kernel.variant=v6.8")]
    [InlineData("host..cpus=1", "--set host..cpus=1: host..cpus: an empty key in the path")]
    public void What_is_wrong_names_the_option(string set, string said) =>
        Assert.Contains(said, Scenarios.Problems(Scenarios.Small, set));
}
