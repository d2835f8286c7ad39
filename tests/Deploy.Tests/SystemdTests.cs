namespace Reclaim.Deploy.Tests;

/// <summary>The unit is what systemd takes, and confines what it starts.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("reclaim-deploy-").FullName;

    public SystemdTests()
    {
        Assert.SkipUnless(Repository.Has("systemd-analyze"), "needs systemd-analyze: apt-get install systemd");

        // What it starts is not installed here.
        var lines = Repository.Read("deploy", "systemd", "reclaim-silo.service").Split('\n')
            .Select(line => line.StartsWith("ExecStart=", StringComparison.Ordinal) ? "ExecStart=/bin/true" : line);
        File.WriteAllLines(Unit, lines);
    }

    private string Unit => Path.Combine(folder, "reclaim-silo.service");

    [Fact]
    public async Task Systemd_understands_every_line()
    {
        var (status, output) = await Repository.RunAsync("systemd-analyze", "verify", Unit);

        Assert.True(status == 0 && !output.Contains("reclaim-silo.service:", StringComparison.Ordinal), output);
    }

    /// <summary>Systemd rates from 0, nothing can happen, to 10; below 2 is as good as what systemd itself runs.</summary>
    [Fact]
    public async Task Systemd_finds_it_well_confined()
    {
        var (status, output) = await Repository.RunAsync("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", Unit);

        Assert.True(status == 0, output);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
