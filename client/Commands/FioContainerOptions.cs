using System.CommandLine;
using Reclaim.Client.Fio;

namespace Reclaim.Client.Commands;

/// <summary>What the <c>fio</c> verb says about the machine and the container that the job runs in.</summary>
internal sealed class FioContainerOptions
{
    private readonly Option<string> _memoryMax = new("--memory.max") { Description = "The container's memory.max", HelpName = "SIZE", DefaultValueFactory = _ => "4G" };
    private readonly Option<string> _device = new("--device") { Description = "Device the files live on: brd, nvme, ssd or hdd", HelpName = "TYPE", DefaultValueFactory = _ => "brd" };
    private readonly Option<string> _variant = new("--variant") { Description = "Kernel variant", HelpName = "NAME", DefaultValueFactory = _ => "v6.8" };
    private readonly Option<string> _policy = new("--policy") { Description = "Reclaim policy", HelpName = "NAME", DefaultValueFactory = _ => "mglru" };
    private readonly Option<string> _cpus = new("--cpus") { Description = "CPUs of the host", HelpName = "N", DefaultValueFactory = _ => "16" };
    private readonly Option<string?> _nodeMemory = new("--node-memory") { Description = "Memory of the host (default 32G, or twice memory.max if that is more)", HelpName = "SIZE" };
    private readonly Option<string> _width = new("--lru-refs-width") { Description = "LRU_REFS_WIDTH", HelpName = "0|1|2", DefaultValueFactory = _ => "2" };

    public FioContainerOptions(Command command)
    {
        command.Add(_memoryMax);
        command.Add(_device);
        command.Add(_variant);
        command.Add(_policy);
        command.Add(_width);
        command.Add(_cpus);
        command.Add(_nodeMemory);
    }

    public FioContainer Read(ParseResult parsed) => new()
    {
        MemoryMax = parsed.GetRequiredValue(_memoryMax),
        Device = parsed.GetRequiredValue(_device),
        Variant = parsed.GetRequiredValue(_variant),
        Policy = parsed.GetRequiredValue(_policy),
        LruRefsWidth = parsed.GetRequiredValue(_width),
        Cpus = parsed.GetRequiredValue(_cpus),
        NodeMemory = parsed.GetValue(_nodeMemory),
    };
}
