using System.Globalization;
using Reclaim.Contracts.Steps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reclaim.Client.Runs;

/// <summary>By what the rows of a board are ordered.</summary>
internal enum BoardOrder
{
    /// <summary>As in the scenario.</summary>
    Scenario,

    Memory,

    Refaults,

    Stall,

    Accesses,
}

/// <summary>A cgroup on the board; rates are of the time since it was last looked at.</summary>
internal readonly record struct BoardRow(CgroupProgress Cgroup, double AccessesPerSecond, double MissesPercent, double RefaultsPerSecond);

/// <summary>
/// A run as top shows a machine: how far and how fast on top, below it a row for each cgroup, ordered by a key that is pressed. Rates are of virtual time: what a
/// machine under this load would see. They cover the last <see cref="WindowTicks"/> looks, as a cgroup may take steps that are longer than the time between two.
/// </summary>
internal sealed class TopBoard
{
    public const string Help = "m memory, r refaults, s stall, i accesses, n as in the scenario, q leave";

    private const int WindowTicks = 10;

    /// <summary>Lines that are not rows.</summary>
    private const int Frame = 6;

    private readonly Queue<RunProgress> _window = new();

    public BoardOrder Order { get; private set; } = BoardOrder.Refaults;

    /// <summary>Whether the key was pressed that ends it.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>What a key does; others do nothing.</summary>
    public void Press(char key)
    {
        IsLeft |= char.ToLowerInvariant(key) == 'q';
        Order = char.ToLowerInvariant(key) switch
        {
            'm' => BoardOrder.Memory,
            'r' => BoardOrder.Refaults,
            's' => BoardOrder.Stall,
            'i' => BoardOrder.Accesses,
            'n' => BoardOrder.Scenario,
            _ => Order,
        };
    }

    /// <param name="sample">Where the run stands.</param>
    /// <param name="hasKeys">Whether there is a keyboard.</param>
    /// <param name="height">Lines that there is room for.</param>
    public IRenderable Draw(ProgressSample sample, bool hasKeys, int height)
    {
        var rows = Look(sample.Progress);
        var shown = Math.Max(1, Math.Min(rows.Count, height - Frame));
        var table = new Table().Border(TableBorder.None);
        foreach (var (name, order) in new (string, BoardOrder?)[] { ("cgroup", BoardOrder.Scenario), ("memory MiB", BoardOrder.Memory), ("accesses/s", BoardOrder.Accesses), ("misses %", null), ("refaults/s", BoardOrder.Refaults), ("stall % (some avg10)", BoardOrder.Stall), ("refaults", null) })
        {
            var column = new TableColumn(new Text(name, new Style(decoration: order == Order ? Decoration.Bold | Decoration.Underline : Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(name == "cgroup" ? column : column.RightAligned());
        }

        foreach (var row in rows.Take(shown))
        {
            table.AddRow(
                new Text((sample.Progress.Cgroups[^1].Host > 0 ? $"{row.Cgroup.Host} " : "") + row.Cgroup.Path), new Text(Number(row.Cgroup.Pages / 256.0, 1)), new Text(Number(row.AccessesPerSecond, 0)),
                new Text(Number(row.MissesPercent, 1)), new Text(Number(row.RefaultsPerSecond, 0)), new Text(Number(row.Cgroup.MemoryAvg10 / 100.0, 2)), new Text(Number(row.Cgroup.Refaults, 0)));
        }

        return new Rows([
            new Text(ProgressTable.Head(sample)),
            new Text(string.Join(", ", new[]
            {
                hasKeys ? Help : null,
                shown < rows.Count ? $"{shown} of {rows.Count} cgroups" : null,
                sample.Progress.WaitsFor is { } waits ? $"waits for the trace of {waits}" : null,
            }.Where(part => part is not null)), new Style(decoration: Decoration.Dim)),
            Text.Empty,
            table]);
    }

    /// <summary>The rows, in their order; equals stay as in the scenario.</summary>
    public IReadOnlyList<BoardRow> Look(RunProgress progress)
    {
        _window.Enqueue(progress);
        while (_window.Count > WindowTicks + 1)
        {
            _window.Dequeue();
        }

        // A run that was taken up again may be behind what was seen of it.
        var before = _window.Peek();
        var known = before.Cgroups.Length == progress.Cgroups.Length && before.NowNs <= progress.NowNs;
        var rows = progress.Cgroups.Select((cgroup, i) => Row(cgroup, known ? before.Cgroups[i] : default));
        return [.. Order == BoardOrder.Scenario ? rows : rows.OrderByDescending(Weight)];
    }

    private static BoardRow Row(CgroupProgress now, CgroupProgress before)
    {
        var since = now.NowNs > before.NowNs ? before : default;
        var seconds = (now.NowNs - since.NowNs) / 1e9;
        var accesses = now.Accesses - since.Accesses;
        double PerSecond(long count) => seconds > 0 ? count / seconds : 0;
        return new BoardRow(now, PerSecond(accesses), accesses > 0 ? 100.0 * (now.Misses - since.Misses) / accesses : 0, PerSecond(now.Refaults - since.Refaults));
    }

    private double Weight(BoardRow row) => Order switch
    {
        BoardOrder.Memory => row.Cgroup.Pages,
        BoardOrder.Stall => row.Cgroup.MemoryAvg10,
        BoardOrder.Accesses => row.AccessesPerSecond,
        _ => row.RefaultsPerSecond,
    };

    private static string Number(double value, int digits) => value.ToString("N" + digits, CultureInfo.InvariantCulture);
}
