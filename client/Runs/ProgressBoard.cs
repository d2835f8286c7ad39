using System.Diagnostics;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;
using Spectre.Console;

namespace Reclaim.Client.Runs;

/// <summary>
/// Shows runs under way on standard error: a table that redraws itself on a terminal, otherwise a line every few seconds,
/// nothing when quiet. Warnings of a run are printed when it begins, each once.
/// </summary>
internal sealed class ProgressBoard(Terminal terminal, bool quiet) : IRunWatch
{
    private static readonly TimeSpan _redraw = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _line = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly HashSet<string> _warned = [];
    private int _over;

    /// <summary>Runs that there will be, one after the other or side by side.</summary>
    public int Planned { get; init; } = 1;

    /// <summary>What happens when somebody leaves the board with a key; null: lines are written from then on, and the run goes on.</summary>
    public Action? Left { get; init; }

    /// <summary>How many of many runs are over; null if there is nothing to count.</summary>
    private string? Count => Planned > 1 ? $"{_over} of {Planned} runs done" : null;

    public void Begin(Scenario scenario, IRun run, IReadOnlyList<Problem> warnings)
    {
        lock (_gate)
        {
            _entries.Add(new Entry(scenario.Label, run));
            if (run.Name is { } name)
            {
                terminal.Error.WriteLine($"run: {name}");
            }

            foreach (var warning in warnings.Where(warning => _warned.Add(warning.ToString())))
            {
                terminal.Error.WriteLine(warning);
            }
        }
    }

    /// <summary>A run that somebody else has started, and how far it has come.</summary>
    public void Begin(string label, IRun run, RunProgress from)
    {
        lock (_gate)
        {
            _entries.Add(new Entry(label, run) { From = from });
        }
    }

    public void End(IRun run)
    {
        lock (_gate)
        {
            _over += _entries.RemoveAll(entry => entry.Run == run);
        }
    }

    /// <summary>Shows progress while <paramref name="work"/> goes on, and returns what it returns.</summary>
    public async Task<T> WhileAsync<T>(Func<Task<T>> work)
    {
        using var over = new CancellationTokenSource();
        var shown = quiet ? Task.CompletedTask : terminal.ErrorIsInteractive ? RedrawAsync(over.Token) : LinesAsync(over.Token);
        try
        {
            return await work();
        }
        finally
        {
            await over.CancelAsync();
            await shown;
        }
    }

    private async Task RedrawAsync(CancellationToken over)
    {
        var console = terminal.ErrorConsole();
        var top = new TopBoard();
        await console.Live(Text.Empty).AutoClear(true).StartAsync(async context =>
        {
            while (await TickAsync(_redraw, over))
            {
                while (terminal.Key?.Invoke() is { } key)
                {
                    top.Press(key);
                }

                if (top.IsLeft)
                {
                    break;
                }

                var samples = await SampleAsync();
                context.UpdateTarget(samples is [var only] && Planned == 1 ? top.Draw(only, terminal.Key is not null, console.Profile.Height) : ProgressTable.Make(samples, Count));
            }
        });
        if (top.IsLeft && !over.IsCancellationRequested)
        {
            if (Left is { } leave)
            {
                leave();
            }
            else
            {
                await LinesAsync(over);
            }
        }
    }

    private async Task LinesAsync(CancellationToken over)
    {
        var before = new Dictionary<string, RunProgress>(StringComparer.Ordinal);
        while (await TickAsync(_line, over))
        {
            if (Count is { } count)
            {
                await terminal.Error.WriteLineAsync(count);
            }

            foreach (var sample in await SampleAsync())
            {
                await terminal.Error.WriteLineAsync(ProgressTable.Line(sample with { Before = before.GetValueOrDefault(sample.Label) }));
                before[sample.Label] = sample.Progress;
            }
        }
    }

    private static async Task<bool> TickAsync(TimeSpan period, CancellationToken over)
    {
        await Task.Delay(period, over).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return !over.IsCancellationRequested;
    }

    private async Task<List<ProgressSample>> SampleAsync()
    {
        List<Entry> entries;
        lock (_gate)
        {
            entries = [.. _entries];
        }

        var samples = new List<ProgressSample>();
        foreach (var entry in entries)
        {
            if (await TryProgressAsync(entry.Run) is { } progress)
            {
                samples.Add(new ProgressSample(entry.Label, progress, entry.Clock.Elapsed) { From = entry.From });
            }
        }

        return samples;
    }

    /// <summary>A question about progress must never end a run: one that fails is asked again at the next tick.</summary>
    private static async Task<RunProgress?> TryProgressAsync(IRun run)
    {
        try
        {
            return await run.ProgressAsync();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private sealed record Entry(string Label, IRun Run)
    {
        public Stopwatch Clock { get; } = Stopwatch.StartNew();

        /// <summary>Where it stood when the clock was started.</summary>
        public RunProgress? From { get; init; }
    }
}
