using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary><c>conformance [DIR]</c>.</summary>
internal static class ConformanceCommand
{
    public static Command Make(CommandContext context)
    {
        _ = context;
        return new Command("conformance", "Replay measurements of real kernels");
    }
}
