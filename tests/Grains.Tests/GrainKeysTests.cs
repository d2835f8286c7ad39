using Reclaim.Contracts;

namespace Reclaim.Grains.Tests;

public class GrainKeysTests
{
    [Fact]
    public void Every_key_of_a_host_names_its_run_and_number()
    {
        Assert.Equal(("run-1", 12), GrainKeys.HostOf(GrainKeys.Host("run-1", 12)));
        Assert.Equal(("run-1", 12), GrainKeys.HostOf(GrainKeys.Memcg("run-1", 12, "/db/primary")));
        Assert.Equal(("run-1", 12), GrainKeys.HostOf(GrainKeys.Node("run-1", 12, 3)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_run_needs_a_name_without_slashes(string run) => Assert.Throws<ArgumentException>(() => GrainKeys.Host(run, 0));

    [Theory]
    [InlineData("run-1")]
    [InlineData("run-1/x")]
    [InlineData("run-1/-1/memcg")]
    public void Other_keys_name_no_host(string key) => Assert.Throws<FormatException>(() => GrainKeys.HostOf(key));
}
