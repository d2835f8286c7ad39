using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class ShippedScenarioTests
{
    private static Scenario Load(string name) =>
        ScenarioFile.Load(Path.Combine(AppContext.BaseDirectory, "scenarios", name), new ScenarioSettings(Names.Known));

    [Theory]
    [InlineData("fio-zipf.yaml", "fio-zipf-full.yaml")]
    [InlineData("fio-random.yaml", "fio-random-full.yaml")]
    public void The_scaled_job_is_a_sixteenth_of_the_full_one_in_pages_and_time(string scaled, string full)
    {
        var (small, large) = (Load(scaled).Spec.Hosts[0].Cgroups[0], Load(full).Spec.Hosts[0].Cgroups[0]);
        var (few, many) = ((FioSpec)small.Workloads[0], (FioSpec)large.Workloads[0]);

        Assert.Equal(large.MemoryMax, small.MemoryMax * 16);
        Assert.Equal(many, few with { SizeBytes = few.SizeBytes * 16, RampTimeNs = few.RampTimeNs * 16, RuntimeNs = few.RuntimeNs * 16 });
        Assert.Equal((1L << 30, 300_000_000_000L), (many.SizeBytes, many.RuntimeNs));
    }

    [Theory]
    [InlineData("fio-zipf.yaml", 4)]
    [InlineData("fio-random.yaml", 4)]
    [InlineData("fio-zipf-full.yaml", 4)]
    [InlineData("fio-random-full.yaml", 4)]
    [InlineData("phase-change.yaml", 2)]
    public void Each_names_the_kernels_it_compares_and_has_no_warnings(string name, int sides)
    {
        var scenario = Load(name);

        Assert.Equal(sides, scenario.Compare.Length);
        Assert.Empty(scenario.Warnings);
        Assert.Equal(Path.GetFileNameWithoutExtension(name), scenario.Spec.Scenario);
    }
}
