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

    public FioContainer Read(ParseResult parsed)
    {
        var memoryMax = Size(_memoryMax, parsed.GetRequiredValue(_memoryMax));
        return new FioContainer
        {
            MemoryMax = memoryMax,
            Device = parsed.GetRequiredValue(_device),
            Variant = parsed.GetRequiredValue(_variant),
            Policy = parsed.GetRequiredValue(_policy),
            LruRefsWidth = Number(_width, parsed.GetRequiredValue(_width), 0, 2),
            Cpus = Number(_cpus, parsed.GetRequiredValue(_cpus), 1, 4096),
            NodeMemory = parsed.GetValue(_nodeMemory) is { } text ? Size(_nodeMemory, text) : Math.Max(32L << 30, 2 * memoryMax),
        };
    }

    private static long Size(Option option, string text)
    {
        if (Units.TrySize(text, out var bytes) is { } wrong)
        {
            throw new InputException($"{option.Name}: {wrong}");
        }

        return bytes is > 0 and < 1L << 60 ? bytes : throw new InputException($"{option.Name}: {text} is {(bytes <= 0 ? "not a size above zero" : "too large")}");
    }

    private static int Number(Option option, string text, int min, int max) =>
        int.TryParse(text, out var value) && value >= min && value <= max
            ? value
            : throw new InputException($"{option.Name} {text}: must be a whole number from {min} to {max}");
}
