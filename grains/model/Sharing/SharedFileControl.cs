using Reclaim.Model.Control;

namespace Reclaim.Model.Sharing;

/// <summary>What may not be written to the control files of a cgroup that shares files with others.</summary>
public static class SharedFileControl
{
    /// <summary>What is wrong with a write, or null.</summary>
    /// <param name="file">The control file.</param>
    /// <param name="value">The text; null: it is read.</param>
    /// <param name="shared">Names of the files that the cgroup shares.</param>
    public static string? Problem(ControlFile file, string? value, IReadOnlyCollection<string> shared) =>
        shared.Count == 0 || value is null ? null
        : file is ControlFile.DropCaches or ControlFile.LruGenEnabled ? "not in this version: in a cgroup that shares a file with others"
        : file == ControlFile.PosixFadvise && ControlSyntax.TryReadAdvice(value, out var advice, out var name) && advice == "dontneed" && shared.Contains(name)
            ? $"not in this version: '{name}' is used by other cgroups too"
        : null;
}
