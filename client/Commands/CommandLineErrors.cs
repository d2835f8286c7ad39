using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary>One line about what is wrong on a command line, with the nearest name for one that is unknown.</summary>
internal static class CommandLineErrors
{
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var place = command is RootCommand ? "reclaim" : $"reclaim {command.Name}";
        if (parsed.UnmatchedTokens.Count > 0)
        {
            var token = parsed.UnmatchedTokens[0];
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? token[..equals] : token;
            if (name.StartsWith('-'))
            {
                return $"{place}: no option '{name}'{Nearest.Suggestion(name, Options(command))}";
            }

            return command is RootCommand
                ? $"reclaim: no command '{token}'{Nearest.Suggestion(token, command.Subcommands.Select(sub => sub.Name))}"
                : $"{place}: unexpected '{token}'";
        }

        if (command is RootCommand)
        {
            return $"reclaim: a command is needed: {string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name))} (see reclaim --help)";
        }

        return $"{place}: {parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}";
    }

    private static IEnumerable<string> Options(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal));
}
