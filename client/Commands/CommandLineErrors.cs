using System.CommandLine;
using System.CommandLine.Parsing;

namespace Reclaim.Client.Commands;

/// <summary>One line about what is wrong on a command line, with the nearest name for one that is unknown.</summary>
internal static class CommandLineErrors
{
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var place = Place(parsed.CommandResult);
        if (parsed.UnmatchedTokens.Count > 0)
        {
            var token = parsed.UnmatchedTokens[0];
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? token[..equals] : token;
            if (name.StartsWith('-'))
            {
                return $"{place}: no option '{name}'{Nearest.Suggestion(name, Options(command))}";
            }

            return command.Subcommands.Count > 0
                ? $"{place}: no command '{token}'{Nearest.Suggestion(token, command.Subcommands.Select(sub => sub.Name))}"
                : $"{place}: unexpected '{token}'";
        }

        if (command.Subcommands.Count > 0)
        {
            return $"{place}: a command is needed: {string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name))} (see {place} --help)";
        }

        return $"{place}: {parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}";
    }

    /// <summary>The commands that led here: <c>reclaim silo up</c>.</summary>
    private static string Place(CommandResult result) =>
        result.Command is RootCommand ? "reclaim" : $"{(result.Parent is CommandResult above ? Place(above) : "reclaim")} {result.Command.Name}";

    private static IEnumerable<string> Options(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal));
}
