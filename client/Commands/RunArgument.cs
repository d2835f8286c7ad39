using System.CommandLine;
using Reclaim.Silo;
using Reclaim.Silo.Remote;

namespace Reclaim.Client.Commands;

/// <summary>The verbs that are about a run of a cluster have these two: <c>RUN --cluster ADDRESS</c>.</summary>
internal sealed class RunArgument
{
    private readonly Argument<string> _run = new("RUN") { Description = "Name of the run, as 'reclaim run --cluster' says it and 'reclaim status' lists it" };
    private readonly Option<string?> _cluster = ClusterOption.Make("Its cluster", required: false, ClusterAddress.Local);

    /// <param name="command">The verb.</param>
    public RunArgument(Command command)
    {
        command.Add(_run);
        command.Add(_cluster);
    }

    /// <summary>Finds the run and does something with it.</summary>
    /// <exception cref="InputException">There is no such run.</exception>
    public async Task<int> WithAsync(CommandContext context, ParseResult parsed, Func<string, IRun, Task<int>> act)
    {
        var name = parsed.GetRequiredValue(_run);
        var address = ClusterOption.Read(parsed, _cluster)!;
        if (!RunNames.IsName(name))
        {
            throw new InputException($"RUN {name}: a name has letters, digits, dots, hyphens and underscores, the first a letter or digit");
        }

        await using var cluster = await context.Engine.Connect(address, null, CancellationToken.None);
        await using var run = await cluster.FindAsync(name) ?? throw new InputException(await NoRunAsync(cluster, name, address));
        return await act(name, run);
    }

    private static async Task<string> NoRunAsync(RemoteCluster cluster, string name, ClusterAddress address)
    {
        var runs = (await cluster.ListAsync()).Select(entry => entry.Run).ToList();
        return $"RUN {name}: no such run on cluster {address}{(runs.Count == 0 ? "" : Nearest.Suggestion(name, runs))}";
    }
}
