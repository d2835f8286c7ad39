namespace Reclaim.Client.ScenarioFormat;

/// <summary><c>--set KEY=VALUE</c>: changes a key of the scenario, by path, before it is read.</summary>
internal static class SetOption
{
    public static void Apply(ScenarioMap root, IEnumerable<string> assignments)
    {
        foreach (var assignment in assignments)
        {
            var option = $"--set {assignment}";
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new InputException($"{option}: must be KEY=VALUE, for example --set kernel.variant=v6.8");
            }

            var path = assignment[..equals].Trim();
            var value = ScenarioYaml.ParseValue(option, assignment[(equals + 1)..]);
            if (KeyPath.Set(root, path, new Origin(option, 0), value) is { } wrong)
            {
                throw new InputException($"{option}: {path}: {wrong}");
            }
        }
    }
}
