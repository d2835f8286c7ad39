using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Cgroups by the dozen: <c>count</c> and <c>templates</c>.</summary>
public sealed class ManyCgroupsTests
{
    private const string Text = """
        schema: reclaim/1
        templates:
          cache:
            memory.max: 1M
            process_memory: { anon: 64k, kernel: 32k }
            workloads:
              - pattern: { pattern: uniform, n: 1000, acc: 5000 }
          big: { template: cache, memory.max: 4M }
        host:
          devices: { ram0: { type: brd } }
          cgroups:
            web: { template: cache, count: 3 }
            db:
              template: big
              process_memory: { anon: 128k }
        """;

    private static CgroupSpec[] Cgroups(string text, params string[] set) => [.. Scenarios.Read(text, set).Spec.Hosts[0].Cgroups];

    [Fact]
    public void A_cgroup_with_a_count_stands_for_so_many_numbered_from_one()
    {
        Assert.Equal(["/web-1", "/web-2", "/web-3", "/db"], Cgroups(Text).Select(cgroup => cgroup.Path));
        Assert.Equal(["/web", "/db"], Cgroups(Text, "host.cgroups.web.count=1").Select(cgroup => cgroup.Path));
    }

    [Theory]
    [InlineData(false, 40)]
    [InlineData(true, 50)]
    public async Task The_summary_of_many_shows_those_with_most_to_show_and_all_if_asked(bool all, int rows)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("many").FullName, "many.yaml");
        await File.WriteAllTextAsync(file, Text, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());

        var status = await Cli.InvokeAsync(["run", file, "--silos", "0", "--quiet", "--set", "host.cgroups.web.count=49", .. all ? (string[])["--all"] : []], output, error);

        Assert.True(status == 0, error.ToString());
        var workloads = output.ToString().Split("memory.current")[0];
        Assert.Equal(rows, workloads.Split('\n').Count(line => line.StartsWith("/web-", StringComparison.Ordinal) || line.StartsWith("/db", StringComparison.Ordinal)));
        Assert.Equal(!all, output.ToString().Contains("the 40 of 50", StringComparison.Ordinal));
        File.Delete(file);
    }

    [Fact]
    public void Copies_are_what_would_have_been_written_out()
    {
        var body = "memory.max: 1M, workloads: [ { pattern: { pattern: uniform, n: 1000, acc: 5000 } } ]";
        var head = "schema: reclaim/1\nname: s\nhost:\n  devices: { ram0: { type: brd } }\n  cgroups:\n";
        var counted = Cgroups($"{head}    a: {{ count: 2, cgroups: {{ b: {{ count: 2, {body} }} }} }}");
        var written = Cgroups($"{head}    a-1: {{ cgroups: {{ b-1: {{ {body} }}, b-2: {{ {body} }} }} }}\n    a-2: {{ cgroups: {{ b-1: {{ {body} }}, b-2: {{ {body} }} }} }}");

        Assert.Equal(["/a-1/b-1", "/a-1/b-2", "/a-2/b-1", "/a-2/b-2"], counted.Select(cgroup => cgroup.Path));
        Assert.Equal(written.Select(cgroup => (cgroup.Path, cgroup.MemoryMax, cgroup.Workloads[0])), counted.Select(cgroup => (cgroup.Path, cgroup.MemoryMax, cgroup.Workloads[0])));
    }

    [Fact]
    public void Copies_differ_in_the_seeds_that_follow_from_their_paths_and_share_those_that_are_written()
    {
        static ulong[] Seeds(string text) => [.. Cgroups(text).Take(3).Select(cgroup => ((PatternSpec)cgroup.Workloads[0]).Seed)];

        Assert.Equal(3, Seeds(Text).Distinct().Count());
        Assert.Equal([9UL, 9UL, 9UL], Seeds(Text.Replace("acc: 5000", "acc: 5000, seed: 9", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cgroups_own_keys_win_over_those_of_its_template_key_by_key()
    {
        var db = Cgroups(Text)[3];

        Assert.Equal((4L << 20, 128L << 10, 32L << 10), (db.MemoryMax, db.ProcessAnonBytes, db.ProcessKernelBytes));
        Assert.Equal(5000, ((PatternSpec)Assert.Single(db.Workloads)).Acc);
    }

    [Fact]
    public void A_list_replaces_that_of_the_template_and_nothing_takes_its_key_away()
    {
        var replaced = Cgroups(Text.Replace("template: big", "template: big\n      workloads: [ { name: own, pattern: { pattern: scan, n: 10, acc: 20 } } ]", StringComparison.Ordinal))[3];
        var without = Cgroups(Text.Replace("template: big", "template: big\n      process_memory:", StringComparison.Ordinal).Replace("      process_memory: { anon: 128k }", "", StringComparison.Ordinal))[3];

        Assert.Equal("own", Assert.Single(replaced.Workloads).Name);
        Assert.Equal(0, without.ProcessAnonBytes);
    }

    [Fact]
    public void What_a_cgroup_below_takes_for_itself_wins_over_what_is_taken_for_it()
    {
        var text = Text.Replace("    web: { template: cache, count: 3 }", "    pair: { template: two, cgroups: { b: { template: big } } }", StringComparison.Ordinal)
            .Replace("templates:", "templates:\n  two: { cgroups: { a: { template: cache }, b: { template: cache, memory.high: 512k } } }", StringComparison.Ordinal);
        var cgroups = Cgroups(text);

        Assert.Equal(["/pair/a", "/pair/b", "/db"], cgroups.Select(cgroup => cgroup.Path));
        Assert.Equal((1L << 20, 4L << 20, 512L << 10), (cgroups[0].MemoryMax, cgroups[1].MemoryMax, cgroups[1].MemoryHigh));
    }

    [Theory]
    [InlineData("templates.cache.memory.max=2M", "2M 2M 2M 4M")]
    [InlineData("host.cgroups.web.memory.max=2M", "2M 2M 2M 4M")]
    [InlineData("host.cgroups.db.template=cache", "1M 1M 1M 1M")]
    [InlineData("host.cgroups.web.count=1", "1M 4M")]
    [InlineData("host.cgroups.new={template: big, count: 2}", "1M 1M 1M 4M 4M 4M")]
    public void Options_reach_templates_what_was_taken_from_them_and_counts(string set, string limits) =>
        Assert.Equal(limits, string.Join(' ', Cgroups(Text, set).Select(cgroup => Units.Size(cgroup.MemoryMax!.Value))));

    [Fact]
    public void An_option_changes_an_element_of_a_list_that_comes_from_a_template()
    {
        var cgroups = Cgroups(Text, "host.cgroups.web.workloads[0].pattern.acc=7");

        Assert.Equal([7L, 7, 7, 5000], cgroups.Select(cgroup => ((PatternSpec)cgroup.Workloads[0]).Acc));
    }

    [Theory]
    [InlineData("count: 3", "count: 0", "s.yaml:12: host.cgroups.web.count: 0 is too small (at least 1)")]
    [InlineData("count: 3", "count: many", "s.yaml:12: host.cgroups.web.count: 'many' is not a whole number")]
    [InlineData("count: 3", "cuont: 3", "s.yaml:12: host.cgroups.web.cuont: unknown key; did you mean 'count'?")]
    [InlineData("    db:", "    web-2:", "s.yaml:13: host.cgroups.web-2: is one of those that 'web' with count 3 stands for")]
    [InlineData("template: big", "template: bog", "s.yaml:14: host.cgroups.db.template: no template 'bog'; did you mean 'big'?")]
    [InlineData("template: big", "template: [big]", "s.yaml:14: host.cgroups.db.template: must be a template's name, not a list")]
    [InlineData("big: { template: cache, memory.max: 4M }", "big: 3", "s.yaml:14: host.cgroups.db.template: template 'big' must be a mapping, not a single value")]
    [InlineData("    memory.max: 1M", "    memory.max: 1M\n    template: big", "s.yaml:9: templates.big.template: a template that takes itself: cache → big → cache")]
    [InlineData("    memory.max: 1M", "    template: cache", "s.yaml:4: templates.cache.template: a template that takes itself: cache → cache")]
    public void What_is_wrong_is_said_where_it_is_written(string right, string wrong, string said)
    {
        Assert.Contains(right, Text, StringComparison.Ordinal);

        Assert.Contains(said, Scenarios.Problems(Text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_wrong_value_in_a_template_is_said_once_for_each_cgroup_as_written_at_its_own_line()
    {
        Assert.Equal(
            ["s.yaml:7: host.cgroups.web.workloads[0].pattern.acc: 0 is too small (at least 1)", "s.yaml:7: host.cgroups.db.workloads[0].pattern.acc: 0 is too small (at least 1)"],
            Scenarios.Problems(Text.Replace("acc: 5000", "acc: 0", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_model_says_of_a_copy_is_said_of_what_was_written()
    {
        var scenario = Scenarios.Read(Text);

        Assert.Equal((new Origin("s.yaml", 4), "host.cgroups.web.memory.max"), scenario.Locate("hosts[0].cgroups./web-2.memory.max"));
        Assert.Equal((new Origin("s.yaml", 7), "host.cgroups.web.workloads[0].pattern.n"), scenario.Locate("hosts[0].cgroups./web-3.workloads[0].pattern.n"));
        Assert.Equal((new Origin("s.yaml", 8), "host.cgroups.db.memory.max"), scenario.Locate("hosts[0].cgroups./db.memory.max"));
    }

    [Fact]
    public void A_template_that_nothing_takes_is_warned_of()
    {
        var scenario = Scenarios.Read(Text, "host.cgroups.db.template=cache");

        Assert.Equal(["s.yaml:8: warning: templates.big: no cgroup takes this template, so nothing looks at what it says"], scenario.Warnings.Select(warning => warning.ToString()));
    }

    [Fact]
    public void More_copies_than_can_be_read_are_refused_instead_of_exhausting_the_machine()
    {
        var deep = Text.Replace("{ template: cache, count: 3 }", "{ count: 10000, cgroups: { x: { count: 10000, template: cache } } }", StringComparison.Ordinal);

        Assert.Contains(Scenarios.Problems(deep), line => line.Contains("too many cgroups", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_cgroups_read_their_trace_once_and_replay_it_each()
    {
        using var folder = new Traces.TraceFolder();
        var path = folder.Write("t.u32", [1, 0, 0, 0, 2, 0, 0, 0]);
        var text = Text.Replace("pattern: { pattern: uniform, n: 1000, acc: 5000 }", $"trace: {{ file: '{path}', pages: 10 }}", StringComparison.Ordinal);
        var traces = Scenarios.Read(text).Traces;

        Assert.Equal([0, 1, 2, 3], traces.Select(feed => feed.Cgroup));
        Assert.Single(traces.Select(feed => feed.Input).Distinct());
    }
}
