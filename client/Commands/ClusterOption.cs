using System.CommandLine;
using Reclaim.Silo.Remote;

namespace Reclaim.Client.Commands;

/// <summary><c>--cluster ADDRESS</c>.</summary>
internal static class ClusterOption
{
    /// <param name="does">What the verb does there.</param>
    /// <param name="required">Whether it must be given; if not, and <paramref name="otherwise"/> is null, there is no cluster without it.</param>
    /// <param name="otherwise">The cluster that is meant without it.</param>
    public static Option<string?> Make(string does, bool required, string? otherwise = null)
    {
        var option = new Option<string?>("--cluster")
        {
            Description = $"{does}: local, or HOST:PORT[,HOST:PORT…] of its gateways{(otherwise is null ? "" : $" (default {otherwise})")}",
            HelpName = "ADDRESS",
            Required = required,
        };
        if (otherwise is not null)
        {
            option.DefaultValueFactory = _ => otherwise;
        }

        return option;
    }

    /// <summary>The cluster that is meant; null: none.</summary>
    public static ClusterAddress? Read(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetResult(option) is null || parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        return ClusterAddress.TryParse(text, out var address) is { } wrong ? throw new InputException($"--cluster {text}: {wrong}") : address;
    }
}
