namespace Reclaim.Client.Conformance;

/// <summary>Finds the measurements that come with the program.</summary>
internal static class GroundTruthFolder
{
    private const string Name = "ground-truth";

    /// <summary>Beside the program, or in a folder above it (a clone).</summary>
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Name);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new InputException($"conformance: no folder '{Name}' beside the program; name the folder of measurements");
    }
}
