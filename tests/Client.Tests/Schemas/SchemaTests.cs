using System.Text.Json.Nodes;
using Xunit;

namespace Reclaim.Client.Tests.Schemas;

/// <summary>Every document that a verb writes is as its published schema says, and nothing is in it that the schema does not know.</summary>
public sealed class SchemaTests : IDisposable
{
    private static readonly string _scenarios = Path.Combine(AppContext.BaseDirectory, "scenarios");

    /// <summary>Objects whose keys are the kernel's, or names of costs: a number more is no mistake there.</summary>
    private static readonly string[] _open = ["vmstat", "memory.stat", "memory.events", "spent", "cpuSeconds"];

    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-schemas-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Examples() => [.. Directory.EnumerateFiles(Path.Combine(_scenarios, "examples"), "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static async Task<string> Reclaim(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await Cli.InvokeAsync(args, output, error);
        Assert.True(status == 0, error.ToString());
        return output.ToString();
    }

    private static string Scenario(string name) => Path.Combine(_scenarios, name + ".yaml");

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Results_of_every_example_are_as_the_schema_says(string example)
    {
        var json = await Reclaim("run", Path.Combine(_scenarios, "examples", example), "--silos", "0", "--quiet", "--json", "--series", Path.Combine(_folder, "s.csv"), "--trace", Path.Combine(_folder, "t.pftrace"));

        PublishedSchema.Holds(json, "reclaim-results/1");
    }

    [Fact]
    public async Task Documents_of_many_runs_are_as_their_schemas_say()
    {
        string[] quick = ["--set", "host.cgroups.bench.workloads.0.pattern.acc=20000", "--silos", "0", "--quiet", "--json"];
        var phase = Scenario("phase-change");

        PublishedSchema.Holds(await Reclaim(["compare", phase, .. quick]), "reclaim-comparison/1");
        PublishedSchema.Holds(await Reclaim(["compare", phase, "--repeat", "3", .. quick]), "reclaim-repeat/1");
        PublishedSchema.Holds(await Reclaim(["sweep", phase, "--set", "host.cgroups.bench.memory.max=8M,16M", "--variants", "v6.8,classic", .. quick]), "reclaim-sweep/1");
        PublishedSchema.Holds(await Reclaim(["sweep", phase, "--set", "host.cgroups.bench.memory.max=8M,16M", "--repeat", "2", .. quick]), "reclaim-sweep/1");
        PublishedSchema.Holds(await Reclaim(["explain", phase, "--variants", "v6.1.192,v6.14", "--rules", .. quick]), "reclaim-explanation/1");
    }

    [Fact]
    public async Task What_fio_and_validate_print_and_what_results_writes_is_as_the_schemas_say()
    {
        var file = Path.Combine(_folder, "r.json");
        await Reclaim("fio", "--name=a", "--rw=randread", "--size=8m", "--numjobs=2", "--memory.max", "4M", "--silos", "0", "--quiet", "--results", file, "--report", Path.Combine(_folder, "r.html"));

        PublishedSchema.Holds(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), "reclaim-results/1");
        PublishedSchema.Holds(await Reclaim("validate", Scenario("noisy-neighbour"), "--json"), "reclaim-validation/1");
    }

    [Theory]
    [InlineData("v6.1.192.mglru.phase")]
    [InlineData("v6.12.117.mglru.g2", "--repeat", "2")]
    public async Task What_conformance_prints_is_as_the_schema_says(string only, params string[] options) =>
        PublishedSchema.Holds(await Reclaim(["conformance", "--only", only, "--json", "--quiet", "--silos", "0", .. options]), "reclaim-conformance/1");

    [Fact]
    public async Task A_key_that_the_schema_does_not_know_is_wrong_wherever_it_stands_but_among_counters()
    {
        string[] quick = ["--silos", "0", "--quiet", "--json"];
        string[] documents =
        [
            await Reclaim(["run", Path.Combine(_scenarios, "examples", "shared-file.yaml"), "--report", Path.Combine(_folder, "a.html"), .. quick]),
            await Reclaim(["sweep", Scenario("phase-change"), "--set", "host.cgroups.bench.workloads.0.pattern.acc=2000,3000", .. quick]),
            await Reclaim(["sweep", Scenario("phase-change"), "--set", "host.cgroups.bench.workloads.0.pattern.acc=2000,3000", "--repeat", "2", .. quick]),
            await Reclaim(["explain", Scenario("phase-change"), "--set", "host.cgroups.bench.workloads.0.pattern.acc=3000", .. quick]),
            await Reclaim("validate", Scenario("phase-change"), "--json"),
        ];

        foreach (var document in documents.Select(json => JsonNode.Parse(json)!))
        {
            foreach (var node in Objects(document).DistinctBy(Shape).Where(node => !_open.Contains(Name(node))))
            {
                node["undocumented"] = 1;
                Assert.True(PublishedSchema.Problems(document).Count > 0, $"a key more in {node.GetPath()} is not noticed");
                node.Remove("undocumented");
            }

            Assert.Empty(PublishedSchema.Problems(document));
        }
    }

    [Fact]
    public async Task A_key_that_is_missing_or_of_another_kind_is_wrong()
    {
        var json = await Reclaim("run", Scenario("phase-change"), "--set", "host.cgroups.bench.workloads.0.pattern.acc=2000", "--silos", "0", "--quiet", "--json");
        foreach (var key in JsonNode.Parse(json)!.AsObject().Select(entry => entry.Key).Where(key => key != "schema"))
        {
            var (missing, other) = (JsonNode.Parse(json)!.AsObject(), JsonNode.Parse(json)!.AsObject());
            missing.Remove(key);
            other[key] = new JsonObject { ["x"] = 1 };
            Assert.True(PublishedSchema.Problems(missing).Count > 0, key);
            Assert.True(PublishedSchema.Problems(other).Count > 0, key);
        }
    }

    [Fact]
    public void Every_document_has_a_schema_that_knows_all_its_keys_and_says_so()
    {
        Assert.Equal(
            ["reclaim-comparison/1", "reclaim-conformance/1", "reclaim-explanation/1", "reclaim-repeat/1", "reclaim-results/1", "reclaim-sweep/1", "reclaim-validation/1"],
            PublishedSchema.Names.Order(StringComparer.Ordinal));
        foreach (var schema in PublishedSchema.Names.Select(PublishedSchema.Text))
        {
            Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema["$schema"]!.GetValue<string>());
            Assert.All(Objects(schema).Where(node => node.ContainsKey("properties") && node["type"] is not null), node => Assert.False(node["additionalProperties"]!.GetValue<bool>()));
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject map => [map, .. map.SelectMany(entry => Objects(entry.Value)).ToList()],
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };

    /// <summary>Where an object stands, whichever element of a list or entry of a map by path it is in.</summary>
    private static string Shape(JsonObject node) => System.Text.RegularExpressions.Regex.Replace(node.GetPath(), @"\[(\d+|'/[^']*')\]", "[]");

    private static string Name(JsonNode node) => node.Parent is JsonObject parent ? parent.First(entry => entry.Value == node).Key : "";
}
