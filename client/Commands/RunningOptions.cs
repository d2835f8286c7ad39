using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Client.Telemetry;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Silo;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Remote;

namespace Reclaim.Client.Commands;

/// <summary>The options that every verb has which runs something.</summary>
internal sealed class RunningOptions
{
    private const int MaxSilos = 64;
    private const int MaxRepeat = 1000;
    private const int MaxReclaims = 1 << 20;

    private readonly Option<string?> _results = new("--results") { Description = "Write the results to FILE, as JSON", HelpName = "FILE" };
    private readonly Option<string[]> _set = new("--set") { Description = "Change a key of the scenario, by path (repeatable)", HelpName = "KEY=VALUE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _seed = new("--seed") { Description = "Seed of everything random", HelpName = "N" };
    private readonly Option<string?> _silos = new("--silos") { Description = "Silos in this process (default 1; 0: the sequential reference, without Orleans)", HelpName = "N" };
    private readonly Option<string?> _repeat = new("--repeat") { Description = "Run N seeds: each figure as mean, range and 95 % interval", HelpName = "N" };
    private readonly Option<string?> _listen = new("--listen") { Description = "Let 'reclaim control' in other terminals of this machine reach the run, at PORT or any that is free", HelpName = "PORT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _live = new("--live") { Description = "Show the run in a browser and let it be steered there, at PORT of this machine or any that is free; stays until Ctrl-C", HelpName = "PORT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _paused = new("--paused") { Description = "With --live: begin paused" };
    private readonly Option<string?> _cluster = ClusterOption.Make("Run on a cluster of silo processes instead", required: false);
    private readonly Option<string?> _name = new("--name") { Description = "With --cluster: what the run is called there (default: the scenario's name, and the time)", HelpName = "RUN" };
    private readonly Option<string?> _report = new("--report") { Description = "Write all that came of it as one page of HTML, with curves over time", HelpName = "FILE" };
    private readonly Option<string?> _series = new("--series") { Description = "Write each cgroup over time: .csv, or .parquet", HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the results as JSON and nothing else" };
    private readonly Option<bool> _all = new("--all") { Description = "Show every row of the summary, however many there are" };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Show no progress" };

    private readonly Option<string?> _trace = new("--trace") { Description = "Write who reclaimed from whom, when and why, as a trace for Perfetto; compressed if FILE ends with .gz", HelpName = "FILE" };
    private readonly Option<string?> _reclaims = new("--trace-reclaims") { Description = "With --trace: most reclaims shown of each cgroup, spread evenly (default 4096, fewer where there are many cgroups)", HelpName = "N" };

    private readonly bool _writesTraces;

    /// <param name="command">The verb.</param>
    /// <param name="runs">Whether the verb runs anything; one that only looks has no results and needs no silos.</param>
    /// <param name="repeat">What <c>--repeat</c> does, where it is not what it does elsewhere.</param>
    /// <param name="names">Whether the verb starts one run, which can be given a name.</param>
    /// <param name="reports">Whether the verb writes pages and samples.</param>
    /// <param name="set">What <c>--set</c> takes, where it is more than elsewhere.</param>
    public RunningOptions(Command command, bool runs = true, string? repeat = null, bool names = false, bool reports = false, string? set = null)
    {
        _set.Description = set ?? _set.Description;
        _repeat.Description = repeat ?? _repeat.Description;
        if (runs)
        {
            command.Add(_results);
            command.Add(_silos);
            command.Add(_repeat);
            command.Add(_listen);
            command.Add(_all);
            if (reports)
            {
                command.Add(_report);
                command.Add(_series);
                command.Add(_trace);
                command.Add(_reclaims);
            }

            command.Add(_cluster);
            if (names)
            {
                command.Add(_live);
                command.Add(_paused);
                command.Add(_name);
            }
        }

        command.Add(_set);
        command.Add(_seed);
        command.Add(_json);
        command.Add(_quiet);
        if (!reports)
        {
            _trace.Hidden = true;
            command.Add(_trace);
        }

        _writesTraces = reports;
    }

    public RunningSettings Read(ParseResult parsed)
    {
        if (!_writesTraces && parsed.GetResult(_trace) is not null)
        {
            throw new InputException("--trace: run, compare, fio and explain write one");
        }

        var cluster = ClusterOption.Read(parsed, _cluster);
        var settings = new RunningSettings
        {
            Cluster = cluster,
            Name = Name(parsed.GetResult(_name) is null ? null : parsed.GetValue(_name), cluster),
            SilosAsked = parsed.GetResult(_silos) is { Implicit: false },
            Results = parsed.GetResult(_results) is null ? null : parsed.GetValue(_results),
            Report = parsed.GetResult(_report) is null ? null : parsed.GetValue(_report),
            Series = parsed.GetResult(_series) is null ? null : parsed.GetValue(_series),
            Trace = parsed.GetResult(_trace) is null ? null : parsed.GetValue(_trace),
            TraceReclaims = (int?)NumberOption.Read(_reclaims, parsed.GetResult(_reclaims) is null ? null : parsed.GetValue(_reclaims), MaxReclaims, min: 1),
            Command = string.Join(' ', parsed.Tokens.Select(token => Quoted(token.Value)).Prepend("reclaim")),
            Set = parsed.GetValue(_set) ?? [],
            Seed = NumberOption.Read(_seed, parsed.GetValue(_seed), ulong.MaxValue),
            Silos = (int)(NumberOption.Read(_silos, parsed.GetResult(_silos) is null ? null : parsed.GetValue(_silos), MaxSilos) ?? 1),
            RepeatAsked = (int?)NumberOption.Read(_repeat, parsed.GetResult(_repeat) is null ? null : parsed.GetValue(_repeat), MaxRepeat, min: 1),
            Listen = parsed.GetResult(_listen) is null ? null : (int)(NumberOption.Read(_listen, parsed.GetValue(_listen), ushort.MaxValue) ?? 0),
            Live = parsed.GetResult(_live) is null ? null : (int)(NumberOption.Read(_live, parsed.GetValue(_live), ushort.MaxValue) ?? 0),
            Paused = parsed.GetResult(_paused) is not null && parsed.GetValue(_paused),
            Json = parsed.GetValue(_json),
            All = parsed.GetResult(_all) is not null && parsed.GetValue(_all),
            Quiet = parsed.GetValue(_quiet),
        };
        return settings is { Repeat: > 1 } and ({ Series: not null } or { Trace: not null })
                ? throw new InputException($"{(settings.Series is not null ? "--series: the samples" : "--trace: the reclaims")} of single runs, and --repeat makes many")
            : settings is { Live: not null, Repeat: > 1 } ? throw new InputException("--live: shows one run, and --repeat makes many")
            : settings is { Live: null, Paused: true } ? throw new InputException("--paused: nobody could let it go on but a live page (--live)")
            : settings is { Trace: null, TraceReclaims: not null } ? throw new InputException("--trace-reclaims: of a trace, and none is asked for (--trace FILE)")
            : settings;
    }

    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:=,@%+[]".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string? Name(string? name, ClusterAddress? cluster) => name switch
    {
        null => null,
        _ when cluster is null => throw new InputException("--name: only runs of a cluster have names (--cluster ADDRESS)"),
        _ when RunNames.IsName(name) => name,
        _ => throw new InputException($"--name {name}: must be letters, digits, dots, hyphens and underscores, the first a letter or digit"),
    };
}

/// <summary>What the options of a running verb say.</summary>
internal sealed record RunningSettings
{
    /// <summary>Reclaims in a trace, about.</summary>
    private const int TracedReclaims = 1 << 16;

    public string? Results { get; init; }

    /// <summary>The page to write.</summary>
    public string? Report { get; init; }

    /// <summary>The table of samples to write.</summary>
    public string? Series { get; init; }

    /// <summary>The trace to write.</summary>
    public string? Trace { get; init; }

    /// <summary>Most reclaims of each cgroup in it; null: by how many cgroups there are.</summary>
    public int? TraceReclaims { get; init; }

    /// <summary>Whether samples are to be taken: a page about many seeds shows none.</summary>
    public bool TakesSamples => (Report is not null && Repeat == 1) || Series is not null || Trace is not null;

    /// <summary>The command line, for whoever wants to repeat it.</summary>
    public string Command { get; init; } = "";

    public IReadOnlyList<string> Set { get; init; } = [];

    public ulong? Seed { get; init; }

    public int Silos { get; init; } = 1;

    /// <summary>Whether <see cref="Silos"/> was asked for.</summary>
    public bool SilosAsked { get; init; }

    /// <summary>The cluster on which the verb's runs happen; null: on silos of this process.</summary>
    public ClusterAddress? Cluster { get; init; }

    /// <summary>What the run is called there.</summary>
    public string? Name { get; init; }

    /// <summary>Number of seeds to run, if the option was given.</summary>
    public int? RepeatAsked { get; init; }

    /// <summary>Number of seeds to run.</summary>
    public int Repeat => RepeatAsked ?? 1;

    /// <summary>Port at which other processes of this machine reach the run, 0: any that is free; null: they cannot.</summary>
    public int? Listen { get; init; }

    /// <summary>Port of the live page, 0: any that is free; null: there is none.</summary>
    public int? Live { get; init; }

    /// <summary>Whether the run begins paused.</summary>
    public bool Paused { get; init; }

    public bool Json { get; init; }

    /// <summary>Whether every row of the summary is shown.</summary>
    public bool All { get; init; }

    public bool Quiet { get; init; }

    /// <summary>Says that an option is wrong which only means something to runs, where these are over and only looked at.</summary>
    /// <exception cref="InputException">There is one.</exception>
    public void RequireNothingToRun()
    {
        var option = Set.Count > 0 ? "--set" : Seed is not null ? "--seed" : SilosAsked ? "--silos" : RepeatAsked is not null ? "--repeat"
            : Listen is not null ? "--listen" : Cluster is not null ? "--cluster" : null;
        if (option is not null)
        {
            throw new InputException($"{option}: these runs are over; it is for a scenario");
        }
    }

    /// <summary>Opens the place where the verb's runs happen.</summary>
    public async Task<IRunHost> OpenAsync(CommandContext context)
    {
        if (Cluster is not null)
        {
            return await ConnectAsync(context);
        }

        if (Listen is not null && Silos == 0)
        {
            throw new InputException("--listen: the sequential reference has no silo that could listen");
        }

        var host = await OpenHereAsync(context);
        if (host.Address is { } address)
        {
            await context.Terminal.Error.WriteLineAsync($"listening: reclaim control --cluster {address} CGROUP FILE [TEXT]");
        }

        return host;
    }

    private async Task<IRunHost> OpenHereAsync(CommandContext context)
    {
        try
        {
            return await context.Engine.Open(Silos, Listen, CancellationToken.None);
        }
        catch (PortTakenException e)
        {
            throw new RunFailedException($"--listen {Listen}: {e.Message}");
        }
    }

    private async Task<IRunHost> ConnectAsync(CommandContext context)
    {
        if (SilosAsked || Listen is not null)
        {
            throw new InputException($"{(SilosAsked ? "--silos" : "--listen")}: for silos of this process, and --cluster names others");
        }

        if (Name is not null && Repeat > 1)
        {
            throw new InputException("--name: names one run, and --repeat starts several");
        }

        return await context.Engine.Connect(Cluster!, Name, CancellationToken.None);
    }

    public ScenarioSettings Scenario(Engine engine) => new(engine.Names()) { Set = Set, Seed = Seed };

    /// <summary>The results file, checked before anything runs.</summary>
    public ResultFile? ResultFile() => Reports.ResultFile.Prepare(Results);

    /// <summary>All files to write, likewise.</summary>
    public OutputFiles Outputs() => new(Results, Report, Series, Trace, Command);

    /// <summary>The scenario, with samples taken and reclaims written down if some file needs them.</summary>
    public Scenario Sampled(Scenario scenario) => scenario with
    {
        Spec = scenario.Spec with
        {
            CaptureSeries = TakesSamples,
            CaptureReclaims = Trace is null && !RunTelemetry.IsAskedFor ? 0 : TraceReclaims ?? ReclaimsOfEach(scenario.Spec),
        },
    };

    /// <summary>Sends runs that are over to whoever collects telemetry, if anybody does.</summary>
    public static async Task SendAsync(RunTelemetry? telemetry, Terminal terminal, IReadOnlyList<(string? Side, RunResults Run)> runs)
    {
        if (telemetry?.Send(runs, DateTimeOffset.UtcNow) is { } failure)
        {
            await terminal.Error.WriteLineAsync(failure);
        }
    }

    /// <summary>Reclaims of each cgroup in a trace, so that what they come to together can be looked at.</summary>
    private static int ReclaimsOfEach(RunSpec spec) => Math.Clamp(TracedReclaims / Math.Max(1, spec.Hosts.Sum(host => host.Cgroups.Length)), 64, 4096);
}
