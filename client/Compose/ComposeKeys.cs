namespace Reclaim.Client.Compose;

/// <summary>What keys of the Compose specification have to do with memory.</summary>
internal static class ComposeKeys
{
    /// <summary>Keys of a service that are honoured.</summary>
    public static IReadOnlySet<string> Honoured { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "mem_limit", "mem_reservation", "memswap_limit", "cpus", "cpu_quota", "cpu_period", "scale", "deploy", "extends", ComposeService.Workloads,
    };

    /// <summary>Keys of a service that would matter, and why they do nothing.</summary>
    public static IReadOnlyDictionary<string, string> WithoutEffect { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["mem_swappiness"] = "cgroup v2 has no swappiness of its own for a container, and neither does Docker set one there",
        ["cpuset"] = "not in this version: CPU limits",
        ["cpu_count"] = "not in this version: CPU limits",
        ["cpu_percent"] = "not in this version: CPU limits",
        ["cpu_shares"] = "not in this version: CPU limits",
        ["cpu_rt_runtime"] = "not in this version: CPU limits",
        ["cpu_rt_period"] = "not in this version: CPU limits",
        ["blkio_config"] = "not in this version: I/O limits",
        ["oom_kill_disable"] = "cgroup v2 knows no such switch",
        ["oom_score_adj"] = "give it to the workloads instead, under the same name",
        ["cgroup_parent"] = "the cgroup of a service is /SERVICE",
        ["shm_size"] = "not in this version: shared memory",
        ["tmpfs"] = "not in this version: shared memory",
        ["profiles"] = "the service runs under every profile",
    };

    /// <summary>Keys of a service that have no bearing on memory.</summary>
    public static IReadOnlySet<string> WithoutBearing { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "annotations", "attach", "build", "cap_add", "cap_drop", "cgroup", "command", "configs", "container_name", "credential_spec", "depends_on", "develop",
        "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "driver_opts", "entrypoint", "env_file", "environment", "expose",
        "external_links", "extra_hosts", "gpus", "group_add", "healthcheck", "hostname", "image", "init", "ipc", "isolation", "label_file", "labels", "links",
        "logging", "mac_address", "models", "network_mode", "networks", "pid", "pids_limit", "platform", "ports", "post_start", "pre_stop", "privileged",
        "provider", "pull_policy", "read_only", "restart", "runtime", "secrets", "security_opt", "stdin_open", "stop_grace_period", "stop_signal",
        "storage_opt", "sysctls", "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes", "volumes_from", "working_dir",
    };

    /// <summary>Keys at the top that have no bearing on memory.</summary>
    public static IReadOnlySet<string> TopWithoutBearing { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "version", "networks", "volumes", "configs", "secrets", "models",
    };
}
