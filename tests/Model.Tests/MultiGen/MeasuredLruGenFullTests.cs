using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>
/// The text of lru_gen_full against that of real kernels after the same accesses: sizes of generations, and what was refaulted,
/// evicted and protected in each tier.
/// </summary>
public partial class MeasuredLruGenFullTests
{
    private const int PageBytes = 4096;

    /// <summary>
    /// Measurements in which something happened that does not follow from the accesses. hotscan: the measuring process grew by
    /// two pages on the way. zipf05x4: a page could not be freed when its turn came, and went to the youngest generation (pgsteal is
    /// pgscan − 1). refault-distance: it goes by statistics that are flushed every two seconds of the machine's time.
    /// </summary>
    private static readonly string[] DisturbedNames =
    [
        "v6.1.192.mglru.hotscan", "v6.12.117.mglru.hotscan", "v6.12.117.mglru.zipf05x4",
        "v6.12.117-refault-distance.mglru.phase", "v6.12.117-refault-distance.mglru.zipf05",
    ];

    /// <summary>Here the add batch was drained between the last access and the reading of the text; nowhere else.</summary>
    private const string Drained = "v6.1.192.mglru.phase";

    public static TheoryData<string> Undisturbed() => [.. Names().Except(DisturbedNames)];

    public static TheoryData<string> Disturbed() => [.. DisturbedNames];

    [Theory, MemberData(nameof(Undisturbed))]
    public void The_text_is_that_of_the_kernel_but_for_ages(string name)
    {
        var (measured, text) = Texts(name);

        Assert.Equal(measured, text);
    }

    [Theory, MemberData(nameof(Disturbed))]
    public void Where_the_measurement_waDisturbedNames_every_number_is_within_a_thousandth_or_four_pages(string name)
    {
        var (measured, text) = Texts(name);

        Assert.Equal(Blanks().Replace(Digits().Replace(measured, "0"), " "), Blanks().Replace(Digits().Replace(text, "0"), " "));
        foreach (var (expected, actual) in Numbers(measured).Zip(Numbers(text)))
        {
            Assert.InRange(actual, expected - Math.Max(4, expected / 1000), expected + Math.Max(4, expected / 1000));
        }
    }

    private static (string Measured, string Text) Texts(string name)
    {
        using var truth = Load(name);
        var root = truth.RootElement;
        var container = new Container(Plan(root));
        Assert.Equal(StopReason.Done, container.Run(long.MaxValue, long.MaxValue >> 1, long.MaxValue));
        if (name == Drained)
        {
            container.Memcg!.Lruvec.Drain();
        }

        return (WithoutAges(Section(root.GetProperty("measured").GetProperty("lru_gen_full").GetString()!)),
            WithoutAges(new ContainerFigures(container).LruGenFull(3, "/lab/A")));
    }

    private static IEnumerable<long> Numbers(string text) =>
        Digits().Matches(text).Select(number => long.Parse(number.ValueSpan, CultureInfo.InvariantCulture));

    private static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Folder, "*.mglru.*.json").Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Where(name => !name.Contains(".repeat", StringComparison.Ordinal) && IsReplayed(Load(name)))
            .Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "ground-truth");

    private static JsonDocument Load(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")));

    /// <summary>One cgroup with a limit of its own that reads files, without swap.</summary>
    private static bool IsReplayed(JsonDocument truth)
    {
        using (truth)
        {
            var root = truth.RootElement;
            return root.GetProperty("host").GetProperty("swap").GetString() == "none"
                && root.GetProperty("streams").EnumerateArray().All(stream => Text(stream, "kind") == "r" && Text(stream, "pattern") != "file")
                && root.GetProperty("cgroups").EnumerateObject().All(cgroup => cgroup.Name == "A" && cgroup.Value.TryGetProperty("memory.max", out _));
        }
    }

    private static ContainerPlan Plan(JsonElement root)
    {
        var kernel = root.GetProperty("kernel");
        var streams = root.GetProperty("streams").EnumerateArray().ToArray();
        var accesses = streams.Sum(stream => stream.GetProperty("accesses").GetInt64());
        var stat = root.GetProperty("measured").GetProperty("cgroups").GetProperty("A").GetProperty("memory.stat.end");
        return new ContainerPlan
        {
            Kernel = new KernelChoice { Policy = Text(kernel, "policy")!, Variant = Text(kernel, "variant")!, RefsWidth = kernel.GetProperty("lru_refs_width").GetInt32() },
            MaxPages = root.GetProperty("cgroups").GetProperty("A").GetProperty("memory.max").GetInt64() / PageBytes,

            // What the measuring process itself held, and the reader of memory.stat at each tenth.
            ProcessAnonPages = stat.GetProperty("anon").GetInt64() / PageBytes,
            ProcessKernelPages = 2,
            ObserveEvery = accesses / 10,
            FilePages = [.. streams.Select(stream => (int)Number(stream, "n"))],
            Turns = true,
            Jobs = [.. streams.Select((stream, i) => new JobPlan
            {
                Workload = i,
                Turn = (int)Number(stream, "batch", 64),
                Streams = [new StreamPlan { File = i, Device = new Device(DeviceType.Of("brd")), Source = Source(stream) }],
            })],
        };
    }

    private static AccessSource Source(JsonElement stream) => Patterns.Create(
        Text(stream, "pattern")!, Number(stream, "n"), Number(stream, "acc"), (ulong)Number(stream, "seed", 1),
        stream.TryGetProperty("theta", out var theta) ? theta.GetDouble() : 0, (int)Number(stream, "nf", 1), Number(stream, "w"), (int)Number(stream, "p"));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static long Number(JsonElement element, string name, long otherwise = 0) =>
        element.TryGetProperty(name, out var value) ? value.GetInt64() : otherwise;

    /// <summary>The part of one memcg, without the line that names it.</summary>
    private static string Section(string text)
    {
        var lines = text.Split('\n');
        var first = Array.FindIndex(lines, line => line.EndsWith(" /lab/A", StringComparison.Ordinal));
        var part = lines.Skip(first).Take(1).Concat(lines.Skip(first + 1).TakeWhile(line => !line.StartsWith("memcg", StringComparison.Ordinal)));
        return string.Join('\n', part).TrimEnd('\n') + "\n";
    }

    private static string WithoutAges(string text) => string.Join('\n', text.Split('\n').Skip(1).Select(line =>
        Generation().Match(line) is { Success: true } row ? row.Groups[1].Value + " (age)" + row.Groups[2].Value : line));

    /// <summary>A generation's row: number and age in columns of ten, then the sizes.</summary>
    [GeneratedRegex(@"^( [ \d]{9}\d) [ \d]{9}\d( [ \d]{9}\d[x ] [ \d]{9}\d[x ])$")]
    private static partial Regex Generation();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
