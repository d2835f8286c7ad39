using System.Buffers.Binary;
using System.IO.Compression;
using Reclaim.Client.Conformance;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class TraceWorkloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-trace").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, int accesses, int pages)
    {
        var bytes = new byte[accesses * 4];
        for (var i = 0; i < accesses; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), (uint)(i % pages));
        }

        using var file = File.Create(Path.Combine(_folder, name));
        using var stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        stream.Write(bytes);
    }

    private string Scenario(string trace)
    {
        var path = Path.Combine(_folder, "s.yaml");
        var at = Scenarios.Small.IndexOf("- pattern", StringComparison.Ordinal);
        File.WriteAllText(path, $"{Scenarios.Small[..at]}- trace: {{ {trace} }}");
        return path;
    }

    private static async Task<(int Status, string Error)> Run(CannedEngine engine, string scenario)
    {
        var error = new StringWriter { NewLine = "\n" };
        var status = await Cli.InvokeAsync(["run", scenario], new Terminal(new StringWriter(), error), engine.Engine, CancellationToken.None);
        return (status, error.ToString().TrimEnd());
    }

    [Fact]
    public async Task Every_page_of_a_trace_is_sent_once_in_numbered_batches()
    {
        Write("t.u32.gz", accesses: 40_000, pages: 1000);
        var engine = new CannedEngine();

        var (status, error) = await Run(engine, Scenario("file: t.u32.gz, pages: 2000"));

        Assert.Equal((0, ""), (status, error));
        var spec = Assert.IsType<TraceSpec>(engine.Ran[0].Hosts[0].Cgroups[0].Workloads[0]);
        Assert.Equal((2000, 40_000), (spec.Pages, spec.Accesses));
        Assert.Equal([0L, 1, 2], engine.Fed.Select(batch => batch.Sequence));
        var pages = engine.Fed.SelectMany(batch => batch.Pages.ToArray().Chunk(4)).Select(bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(Enumerable.Range(0, 40_000).Select(i => (uint)(i % 1000)), pages);
    }

    [Fact]
    public async Task The_pages_of_a_trace_may_be_anonymous_memory()
    {
        Write("t.u32", accesses: 10, pages: 5);
        var engine = new CannedEngine();

        var (status, error) = await Run(engine, Scenario("file: t.u32, kind: anon-write"));

        Assert.Equal((0, ""), (status, error));
        var spec = Assert.IsType<TraceSpec>(engine.Ran[0].Hosts[0].Cgroups[0].Workloads[0]);
        Assert.Equal((AccessKind.AnonWrite, "", null, 5), (spec.Kind, spec.Device, spec.File, spec.Pages));
    }

    [Fact]
    public async Task The_trace_of_anonymous_memory_has_no_device()
    {
        Write("t.u32", accesses: 10, pages: 5);

        var (status, error) = await Run(new CannedEngine(), Scenario("file: t.u32, kind: anon-read, device: ram0"));

        Assert.Equal(2, status);
        Assert.Contains("s.yaml:14: host.cgroups.bench.workloads[0].trace.device: anonymous memory has no device", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_can_be_cut_off_after_some_accesses()
    {
        Write("t.u32", accesses: 40_000, pages: 1000);
        var engine = new CannedEngine();

        await Run(engine, Scenario("file: t.u32, accesses: 20000"));

        Assert.Equal(20_000, engine.Fed.Sum(batch => batch.Pages.Length / 4));
    }

    [Theory]
    [InlineData("file: none.u32", "none.u32")]
    [InlineData("file: t.u32, pages: 10", "access 10 is to page 10, but the file has only 10 pages (0 to 9)")]
    [InlineData("file: torn.u32", "torn.u32")]
    [InlineData("file: empty.u32", "empty")]
    [InlineData("file: ., pages: 5", "directory")]
    [InlineData("file: t.u32, accesses: 99999", "has 1000 accesses, fewer than the 99999 asked for")]
    [InlineData("pages: 5", "missing: the trace's path, relative to this scenario")]
    [InlineData("file: t.u32, format: u33", "no trace format 'u33'; did you mean 'u32'?")]
    public async Task A_trace_that_cannot_be_replayed_is_said_with_the_scenarios_line(string trace, string said)
    {
        Write("t.u32", accesses: 1000, pages: 100);
        File.WriteAllBytes(Path.Combine(_folder, "torn.u32"), new byte[7]);
        File.WriteAllBytes(Path.Combine(_folder, "empty.u32"), []);

        var (status, error) = await Run(new CannedEngine(), Scenario(trace));

        Assert.Equal(2, status);
        Assert.DoesNotContain('\n', error);
        Assert.StartsWith($"{_folder}/s.yaml:14: host.cgroups.bench.workloads[0].trace.", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measurement_of_a_trace_is_replayed_from_beside_it()
    {
        Write("web.u32.gz", accesses: 500, pages: 50);
        var truth = File.ReadAllText(Path.Combine(GroundTruthFolder.Find(), "v6.12.117.classic.uniform.json"))
            .Replace("\"pattern\":\"uniform\"", "\"pattern\": \"file\", \"path\": \"web.u32.gz\"", StringComparison.Ordinal)
            .Replace("\"acc\":300000", "\"acc\":400", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "v6.12.117.classic.web.json"), truth);

        var (scenario, _, reason) = CaseScenario.Make(Assert.Single(GroundTruthCase.LoadAll(_folder)), Names.Known, 1);

        Assert.Null(reason);
        var spec = Assert.IsType<TraceSpec>(scenario!.Spec.Hosts[0].Cgroups[0].Workloads[0]);
        Assert.Equal((49152, 400, "f0"), (spec.Pages, spec.Accesses, spec.File));
        Assert.Equal(400, Assert.Single(scenario.Traces).Input.Batches().Sum(batch => batch.Length / 4));
    }
}
