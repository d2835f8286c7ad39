using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary>The scenario a verb works on.</summary>
internal static class ScenarioArgument
{
    public static Argument<string> Make() => new("SCENARIO") { Description = "Scenario file (YAML, schema: reclaim/1)" };
}
