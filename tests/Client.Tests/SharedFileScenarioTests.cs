using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Files that several cgroups of a scenario use: what may be said of them, and what results show.</summary>
public sealed class SharedFileScenarioTests : IDisposable
{
    private const string Good = """
        schema: reclaim/1
        host:
          nodes: [ { memory: 64M } ]
          devices: { disk: { type: nvme }, other: { type: ssd } }
          files: { image: { size: 4M } }
          cgroups:
            a:
              memory.max: 2M
              workloads:
                - { name: reads, pattern: { pattern: scan, n: 1024, acc: 2048, file: image, device: disk } }
            b:
              memory.max: 3M
              workloads:
                - { name: reads, pattern: { pattern: scan, n: 1024, acc: 2048, file: image, device: disk } }

        """;

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("reclaim-files").FullName, "s.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Theory]
    [InlineData("file: image, device: disk } }\n    b", "file: image, device: disk, kind: write } }\n    b", ":10: host.cgroups.a.workloads[0]: not in this version: writing to 'image', which other cgroups use too")]
    [InlineData("    b:\n      memory.max: 3M\n      workloads:\n        - { name: reads, pattern: { pattern: scan, n: 1024", "    b:\n      memory.max: 3M\n      workloads:\n        - { name: reads, pattern: { pattern: scan, n: 1025", ":14: host.cgroups.b.workloads[0]: goes through 1025 pages of 'image', which has 1024")]
    [InlineData("file: image, device: disk } }\n    b", "file: image, device: other } }\n    b", ":14: host.cgroups.b.workloads[0]: 'image' is on device other, as /a has it, not on disk")]
    [InlineData("{ size: 4M }", "{ size: 4M }, reads: { size: 4k }", ":10: host.cgroups.a.workloads[0]: 'reads' is a file of the host, and this workload has one of its own that would be called so: say 'file: reads', or give it another name", "file: image, ")]
    [InlineData("      memory.max: 2M", "      memory.max: 2M\n      events: [ { at: 1ms, vm.drop_caches: 1 } ]", ":9: host.cgroups.a.events[0].vm.drop_caches: not in this version: in a cgroup that shares a file with others")]
    [InlineData("      memory.max: 2M", "      memory.max: 2M\n      events: [ { at: 1ms, posix_fadvise: dontneed image } ]", ":9: host.cgroups.a.events[0].posix_fadvise: not in this version: 'image' is used by other cgroups too")]
    [InlineData("schema: reclaim/1", "schema: reclaim/1\nkernel: { policy: lru }", ":11: host.cgroups.a.workloads[0]: policy lru knows nothing of who is charged for a page: 'image' is used by other cgroups too")]
    public async Task What_cannot_be_done_with_a_shared_file_is_said_with_its_line(string right, string wrong, string said, string? without = null)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        var text = Good.Replace(right, wrong, StringComparison.Ordinal);
        text = without is null ? text : text.Replace(without, "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(_path, text, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });

        Assert.Equal(2, await Cli.InvokeAsync(["validate", _path], output, error));
        Assert.Contains(_path + said, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_say_who_pays_for_a_shared_file_and_who_uses_it()
    {
        await File.WriteAllTextAsync(_path, Good, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.True(await Cli.InvokeAsync(["run", _path, "--silos", "0", "--json"], output, error) == 0, error.ToString());
        var host = JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];

        var file = Assert.Single(host.SharedFiles);
        Assert.Equal(("image", 1024, file.Cgroups.Values.Sum(use => use.Charged)), (file.File, file.Pages, file.Resident));
        foreach (var (path, use) in file.Cgroups)
        {
            Assert.Equal(use.Charged * 4096, host.Cgroups[path].MemoryStat.Single(counter => counter.Name == "file").Value);
            Assert.Equal(host.Cgroups[path].Workloads[0].DeviceReads, use.BroughtIn);
            Assert.InRange(use.OthersAccessed, 1, host.Cgroups[path].Workloads[0].Hits);
        }
    }

    [Fact]
    public async Task Containers_of_one_image_share_its_files_in_compose_too()
    {
        const string Compose = """
            x-reclaim:
              host:
                devices: { disk: { type: nvme } }
                files: { layer: { size: 1M } }
            x-service: &service
              image: app:1
              mem_limit: 4m
              x-workload: [ { pattern: { pattern: scan, n: 256, acc: 512, file: layer } } ]
            services:
              a: *service
              b: { <<: *service, scale: 2 }

            """;
        var path = Path.Combine(Path.GetDirectoryName(_path)!, "compose.yaml");
        await File.WriteAllTextAsync(path, Compose, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.True(await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error) == 0, error.ToString());
        var host = JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];

        Assert.Equal(["/a", "/b-1", "/b-2"], host.SharedFiles.Single().Cgroups.Keys);
        Assert.Equal(256, host.SharedFiles.Single().Resident);
        Assert.Equal(256, host.Cgroups.Values.Sum(cgroup => cgroup.Workloads[0].DeviceReads));
    }
}
