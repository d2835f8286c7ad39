using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary>Verbs that belong to the command line but not to this version: they say so.</summary>
internal static class LaterCommands
{
    private static readonly (string Name, string Does)[] _verbs =
    [
        ("sweep", "a grid of runs"),
    ];

    public static IEnumerable<Command> Make() => _verbs.Select(verb =>
    {
        var command = new Command(verb.Name, "Not in this version") { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.SetAction(int (_) => throw new InputException($"reclaim {verb.Name}: not in this version ({verb.Does})"));
        return command;
    });
}
