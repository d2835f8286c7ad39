using System.Globalization;
using System.Text;
using Reclaim.Model.Kernels;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Control;

/// <summary>
/// The control files of a container: takes the text that is written to one as the kernel does, and gives the text that one reads.
/// Numbers of generations are known only when the time has come, so a text may have <c>$memcg</c>, <c>$max_seq</c> and
/// <c>$min_seq</c> in their places.
/// </summary>
internal sealed class ControlFiles(Container container, KernelRuleSet rules)
{
    private readonly List<ControlOutcome> _outcomes = [];

    /// <summary>What is still to be done.</summary>
    public ControlSchedule Schedule { get; } = new(container.Plan.Controls);

    /// <summary>What was done, in order of time.</summary>
    public IReadOnlyList<ControlOutcome> Outcomes => _outcomes;

    private MemoryCgroup Memcg => container.Memcg!;

    /// <summary>Writes or reads a file.</summary>
    public void Carry(ControlAccess access, long nowNs)
    {
        var value = access.Value is null ? null : Filled(access.Value);
        var outcome = value is null
            ? new ControlOutcome(nowNs, access.File, null, 0, Read(access.File, nowNs))
            : new ControlOutcome(nowNs, access.File, value, Write(access.File, value), null);
        _outcomes.Add(outcome with { Id = access.Id });
    }

    private int Write(ControlFile file, string text) => file switch
    {
        ControlFile.MemoryMax => WithSize(text, WriteMax),
        ControlFile.MemoryHigh => WithSize(text, Memcg.WriteHigh),
        ControlFile.MemoryLow => WithSize(text, pages => Memcg.Protect(pages, Memcg.Min)),
        ControlFile.MemoryMin => WithSize(text, pages => Memcg.Protect(Memcg.Low, pages)),
        ControlFile.MemoryReclaim => WriteReclaim(text),
        ControlFile.MemorySwapMax => WithSize(text, Memcg.Swap.Restrict),
        ControlFile.Swappiness => WithNumber(text, 0, LruGenCommand.MaxSwappiness, value => Memcg.Lruvec.Swappiness = value),
        ControlFile.LruGenEnabled => WriteEnabled(text),
        ControlFile.LruGen => WriteLruGen(text),
        ControlFile.PosixFadvise => Advise(text),
        ControlFile.DropCaches => WithNumber(text, 1, 3, DropCaches),
        _ => ControlOutcome.Einval,
    };

    private string Read(ControlFile file, long nowNs)
    {
        var figures = new ContainerFigures(container);
        switch (file)
        {
            case ControlFile.LruGen:
                return figures.LruGen(container.Plan.MemcgId, container.Plan.Path);
            case ControlFile.LruGenFull:
                return figures.LruGenFull(container.Plan.MemcgId, container.Plan.Path);
            case ControlFile.MemoryStat:
                Memcg.Lruvec.FlushStatistics();
                return Lines(figures.MemoryStat);
            case ControlFile.MemoryEvents:
                return Lines(figures.MemoryEvents);
            case ControlFile.MemoryPressure:
                return Pressure(PressureResource.Memory, nowNs);
            case ControlFile.IoPressure:
                return Pressure(PressureResource.Io, nowNs);
            case ControlFile.CpuPressure:
                return Pressure(PressureResource.Cpu, nowNs);
            case ControlFile.MemoryMax:
                return Size(Memcg.Charge.Max);
            case ControlFile.MemoryHigh:
                return Size(Memcg.High);
            case ControlFile.MemoryLow:
                return Size(Memcg.Low);
            case ControlFile.MemoryMin:
                return Size(Memcg.Min);
            case ControlFile.MemoryCurrent:
                return Size(Memcg.Charge.Usage);
            case ControlFile.MemorySwapMax:
                return Size(Memcg.Swap.Limit);
            case ControlFile.Swappiness:
                return Number(Memcg.Lruvec.Swappiness);
            case ControlFile.LruGenEnabled:
                return string.Create(CultureInfo.InvariantCulture, $"0x{(int)(container.MultiGen?.Capabilities ?? LruGenCapabilities.None):x4}\n");
            default:
                return "";
        }
    }

    private string Pressure(PressureResource resource, long nowNs)
    {
        var group = container.Loop.Pressure;
        group.Collect(nowNs);
        return group.Figures(resource).Text;
    }

    private void WriteMax(long pages)
    {
        if (pages > container.LargestMax)
        {
            throw new ArgumentOutOfRangeException(nameof(pages), $"memory.max of {pages} pages: the node holds {container.LargestMax} for this cgroup");
        }

        Memcg.WriteMax(pages);
    }

    private int WriteReclaim(string text)
    {
        if (!ControlSyntax.TryReadReclaim(text, out var pages, out var swappiness) || !ControlSyntax.Takes(rules, swappiness))
        {
            return ControlOutcome.Einval;
        }

        return Memcg.WriteReclaim(pages, rules.ReclaimPortion, swappiness) ? 0 : ControlOutcome.Eagain;
    }

    private int WriteEnabled(string text)
    {
        if (!ControlSyntax.TryReadCapabilities(text, out var capabilities))
        {
            return ControlOutcome.Einval;
        }

        container.Allow(capabilities);
        return 0;
    }

    private int WriteLruGen(string text)
    {
        var commands = LruGenCommand.Parse(text, ControlSyntax.MaxCommandSwappiness(rules));
        foreach (var command in commands.Commands)
        {
            // The lists are there, and empty, when the multi-gen LRU is off.
            var errno = command.MemcgId == (uint)container.Plan.MemcgId && LruvecOn(command.NodeId) is { } lruvec ? Memcg.Run(lruvec, command) : ControlOutcome.Einval;
            if (errno != 0)
            {
                return errno;
            }
        }

        return commands.Error is null ? 0 : ControlOutcome.Einval;
    }

    /// <summary>The multi-gen lruvec of a node, if there is one.</summary>
    private MultiGenLruvec? LruvecOn(uint node) => Memcg.Lruvec switch
    {
        NodeLruvecs nodes when node < nodes.All.Count => nodes.On((int)node) as MultiGenLruvec,
        MultiGenLruvec lruvec when node == container.Plan.Node => lruvec,
        _ => null,
    };

    /// <summary>The one that seq placeholders are about: that of the first node.</summary>
    private MultiGenLruvec? First => LruvecOn((uint)container.Plan.Node);

    private void DropCaches(int what)
    {
        if ((what & 1) != 0)
        {
            Memcg.DropPageCache();
        }

        if ((what & 2) != 0)
        {
            Memcg.DropSlab();
        }
    }

    private int Advise(string text)
    {
        var file = ControlSyntax.TryReadAdvice(text, out var advice, out var name) ? container.Plan.FileNames.ToList().IndexOf(name) : -1;
        if (file < 0)
        {
            return ControlOutcome.Einval;
        }

        switch (advice)
        {
            case "dontneed":
                // Written first; what is under way by then stays.
                container.Loop.Writeback?.WriteOut(file, container.Loop.AccessNs);
                var first = container.FileBase[file];
                Memcg.DropPages(first, first + (uint)container.Plan.FilePages[file]);
                return 0;
            case "willneed":
                container.Loop.WillNeed(file);
                return 0;
            default:
                return ControlOutcome.Einval;
        }
    }

    private string Filled(string text) => ControlSyntax.Placeholder().Replace(text, found => found.Groups[1].Value switch
    {
        "memcg" => container.Plan.MemcgId.ToString(CultureInfo.InvariantCulture),
        "max_seq" when First is { } lruvec => lruvec.MaxSeq.ToString(CultureInfo.InvariantCulture),
        "min_seq" when First is { } lruvec =>
            Math.Min(lruvec.MinSeq(MultiGenLruvec.Anon), lruvec.MinSeq(MultiGenLruvec.File)).ToString(CultureInfo.InvariantCulture),
        _ => found.Value,
    });

    private static int WithSize(string text, Action<long> write)
    {
        if (!MemorySize.TryRead(text, out var pages))
        {
            return ControlOutcome.Einval;
        }

        write(pages);
        return 0;
    }

    private static int WithNumber(string text, int min, int max, Action<int> write)
    {
        if (!ControlSyntax.TryReadNumber(text, min, max, out var value))
        {
            return ControlOutcome.Einval;
        }

        write(value);
        return 0;
    }

    private static string Lines(IReadOnlyList<(string Name, long Value)> counters) =>
        counters.Aggregate(new StringBuilder(), (text, counter) => text.Append(CultureInfo.InvariantCulture, $"{counter.Name} {counter.Value}\n")).ToString();

    private static string Size(long pages) => pages == long.MaxValue ? "max\n" : Number(pages << 12);

    private static string Number(long value) => string.Create(CultureInfo.InvariantCulture, $"{value}\n");
}
