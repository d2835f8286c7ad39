using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>What a specification says of files shared by cgroups that the model cannot do.</summary>
internal static class FileSharingCheck
{
    /// <summary>The problems of a cgroup, by key below it.</summary>
    public static IEnumerable<(string Key, string Problem)> Problems(RunSpec spec, int host, int cgroup)
    {
        var hostSpec = spec.Hosts[host];
        if (hostSpec.Files.IsEmpty)
        {
            yield break;
        }

        var shared = FileSharing.Of(hostSpec).ToDictionary(file => hostSpec.Files[file.Number].Name, file => file.Users, StringComparer.Ordinal);
        foreach (var (workload, key) in hostSpec.Cgroups[cgroup].Workloads.SelectMany((workload, i) => Parts(workload, $"workloads[{i}]")))
        {
            if (hostSpec.Files.FirstOrDefault(file => file.Name == FileLayout.NameOf(workload)) is not { } file || AccessPaths.Of(workload) == AccessPath.Anonymous)
            {
                continue;
            }

            if (workload.File is null)
            {
                yield return (key, $"'{file.Name}' is a file of the host, and this workload has one of its own that would be called so: say 'file: {file.Name}', or give it another name");
            }
            else if (PagesOf(workload) is var pages && pages > FileLayout.PagesOf(file.SizeBytes))
            {
                yield return (key, $"goes through {pages} pages of '{file.Name}', which has {FileLayout.PagesOf(file.SizeBytes)}");
            }
            else if (!shared.TryGetValue(file.Name, out var users) || !users.Contains(cgroup))
            {
                continue;
            }
            else if (spec.Kernel.Policy is not (KernelChoice.MultiGen or KernelChoice.Classic))
            {
                yield return (key, $"policy {spec.Kernel.Policy} knows nothing of who is charged for a page: '{file.Name}' is used by other cgroups too");
            }
            else if (AccessPaths.WritesFiles(workload))
            {
                yield return (key, $"not in this version: writing to '{file.Name}', which other cgroups use too");
            }
            else if (DeviceOf(hostSpec, users[0], file.Name) is var device && device != workload.Device)
            {
                yield return (key, $"'{file.Name}' is on device {device}, as {hostSpec.Cgroups[users[0]].Path} has it, not on {workload.Device}");
            }
        }

        if (FileSharing.Refusal(spec, hostSpec, cgroup) is { } refusal)
        {
            yield return refusal;
        }
    }

    private static IEnumerable<(WorkloadSpec Workload, string Key)> Parts(WorkloadSpec workload, string key) =>
        workload is MixSpec mix ? mix.Parts.Select((part, i) => (part.Workload, $"{key}.mix[{i}]")) : [(workload, key)];

    private static string DeviceOf(HostSpec host, int cgroup, string file) =>
        host.Cgroups[cgroup].Workloads.SelectMany(workload => Parts(workload, "")).First(part => part.Workload.File == file).Workload.Device;

    private static long PagesOf(WorkloadSpec workload) => workload switch
    {
        PatternSpec pattern => pattern.N,
        TraceSpec trace => trace.Pages,
        FioSpec fio => FileLayout.PagesOf(Math.Max(fio.FileSizeBytes, fio.SizeBytes)),
        _ => 0,
    };
}
