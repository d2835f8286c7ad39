using System.CommandLine;
using Reclaim.Client.Commands;
using Reclaim.Client.Traces;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Remote;

namespace Reclaim.Client;

/// <summary>The exit statuses that scripts rely on.</summary>
internal static class ExitStatus
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongInput = 2;
}

/// <summary>What a command works with.</summary>
internal sealed record CommandContext(Terminal Terminal, Engine Engine);

/// <summary>The <c>reclaim</c> command line.</summary>
internal static class Cli
{
    public static Task<int> InvokeAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error) =>
        InvokeAsync(args, new Terminal(output, error), Engine.Real, CancellationToken.None);

    /// <param name="args">The command line after the program's name.</param>
    /// <param name="terminal">Where output goes.</param>
    /// <param name="engine">What runs scenarios.</param>
    /// <param name="stop">Ends a run early, with what is known so far.</param>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> args, Terminal terminal, Engine engine, CancellationToken stop)
    {
        try
        {
            var root = Root(new CommandContext(terminal, engine));
            var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
            {
                throw new InputException(CommandLineErrors.Describe(parsed));
            }

            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            }, stop);
        }
        catch (Exception e) when (e is InputException or TraceException or SettingException)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitStatus.WrongInput;
        }
        catch (UnauthorizedAccessException e) when (e.Message.Contains("RECLAIM_SECRET", StringComparison.Ordinal))
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitStatus.WrongInput;
        }
        catch (Exception e) when (e is RunFailedException or ClusterException)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitStatus.Failed;
        }
#pragma warning disable CA1031 // The outermost place: whatever is left becomes one line and status 1.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await terminal.Error.WriteLineAsync($"reclaim: the run failed: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            if (Environment.GetEnvironmentVariable("RECLAIM_DEBUG") is not null)
            {
                await terminal.Error.WriteLineAsync(e.ToString());
            }

            return ExitStatus.Failed;
        }
    }

    private static RootCommand Root(CommandContext context)
    {
        var root = new RootCommand("Simulates Linux page reclaim.");
        root.Add(RunCommand.Make(context));
        root.Add(CompareCommand.Make(context));
        root.Add(SweepCommand.Make(context));
        root.Add(ExplainCommand.Make(context));
        root.Add(WhyCommand.Make(context));
        root.Add(FioCommand.Make(context));
        root.Add(ValidateCommand.Make(context));
        root.Add(ConformanceCommand.Make(context));
        root.Add(LruGenCommand.Make(context));
        root.Add(ControlCommand.Make(context));
        root.Add(SiloCommand.Make(context));
        root.Add(WatchCommand.Make(context));
        root.Add(StatusCommand.Make(context));
        root.Add(CancelCommand.Make(context));
        root.Add(ResumeCommand.Make(context));
        root.Add(CheckpointCommand.Make(context));
        root.Add(ResultsCommand.Make(context));
        return root;
    }
}
