using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reclaim.Client.Conformance;

/// <summary>One measurement of a real kernel, <c>schema: reclaim-ground-truth/1</c> (see ground-truth/README.md).</summary>
internal sealed record GroundTruthFile
{
    public const string SchemaName = "reclaim-ground-truth/1";

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public required GroundTruthKernel Kernel { get; init; }

    public required GroundTruthHost Host { get; init; }

    public Dictionary<string, JsonElement> Parent { get; init; } = [];

    /// <summary>Free pages of the machine when the run began.</summary>
    public long StartFreePages { get; init; }

    /// <summary>/proc/zoneinfo then; only where some cgroup has no limit of its own.</summary>
    public string? ZoneinfoAtStart { get; init; }

    /// <summary>
    /// Whether nothing but the memory of the machine limits what the cgroups hold. Whose pages go then depends on the moments at which
    /// kswapd wakes and, with the memcg LRU (from v6.3 on), on bins drawn at random: one run of the kernel is one draw.
    /// </summary>
    [JsonIgnore]
    public bool IsGlobal => !Parent.ContainsKey("memory.max") && !string.IsNullOrEmpty(ZoneinfoAtStart);

    /// <summary>Limits of each cgroup, in bytes.</summary>
    public Dictionary<string, Dictionary<string, JsonElement>> Cgroups { get; init; } = [];

    public required IReadOnlyList<GroundTruthStream> Streams { get; init; }

    public required GroundTruthMeasured Measured { get; init; }

    /// <summary>By number of the stream whose file it is; null where the stream has none.</summary>
    public Dictionary<string, GroundTruthBitmap?> ResidentBitmap { get; init; } = [];

    /// <exception cref="InputException">Not a measurement, or not readable; the message names the file and, if known, the line.</exception>
    public static GroundTruthFile Load(string path)
    {
        var text = InputFile.ReadText(path);
        try
        {
            var file = JsonSerializer.Deserialize<GroundTruthFile>(text, JsonSerializerOptions.Web)
                ?? throw new InputException($"{path}: is empty");
            return file.Schema == SchemaName ? file : throw new InputException($"{path}: schema: '{file.Schema}' is not '{SchemaName}'");
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } number ? $":{number + 1}" : "";
            throw new InputException($"{path}{line}: not a measurement: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}

internal sealed record GroundTruthKernel
{
    public required string Variant { get; init; }

    public required string Policy { get; init; }

    [JsonPropertyName("lru_refs_width")]
    public required int LruRefsWidth { get; init; }

    [JsonPropertyName("min_ttl_ms")]
    public int MinTtlMs { get; init; }

    public int Swappiness { get; init; } = 60;
}

internal sealed record GroundTruthHost
{
    public const string NoSwap = "none";

    public required int MemoryMiB { get; init; }

    public int Cpus { get; init; } = 1;

    public string Swap { get; init; } = NoSwap;

    /// <summary>Size of the swap area.</summary>
    public int SwapMiB { get; init; }

    /// <summary><c>name:pages</c>, separated by blanks.</summary>
    public string Files { get; init; } = "";
}

internal sealed record GroundTruthStream
{
    public required string Group { get; init; }

    public required string Kind { get; init; }

    public required string Pattern { get; init; }

    public string? File { get; init; }

    /// <summary>The pattern <c>file</c>: the trace's path, relative to the measurement.</summary>
    public string? Path { get; init; }

    public double Theta { get; init; }

    public long N { get; init; }

    public int Nf { get; init; } = 1;

    public long W { get; init; }

    public int P { get; init; }

    /// <summary>Kind a: share of the accesses that are stores, in 1/1024.</summary>
    public int Wr { get; init; } = 256;

    public ulong Seed { get; init; } = 1;

    public long Acc { get; init; }

    /// <summary>Accesses in all.</summary>
    public long Accesses { get; init; }

    public int? Batch { get; init; }
}

internal sealed record GroundTruthMeasured
{
    public required long DeviceReads { get; init; }

    public long Pswpin { get; init; }

    public long Pswpout { get; init; }

    public IReadOnlyList<GroundTruthPerStream> PerStream { get; init; } = [];

    public Dictionary<string, GroundTruthCgroup> Cgroups { get; init; } = [];
}

internal sealed record GroundTruthPerStream(long Accesses, long DeviceReads);

internal sealed record GroundTruthCgroup
{
    /// <summary>What it held at the end, bytes.</summary>
    [JsonPropertyName("memory.current")]
    public long Current { get; init; }

    [JsonPropertyName("memory.stat.delta")]
    public Dictionary<string, long> StatDelta { get; init; } = [];

    [JsonPropertyName("memory.stat.end")]
    public Dictionary<string, long> StatEnd { get; init; } = [];
}

/// <summary>Pages of a file resident at the end: hex, bit i%8 of byte i/8.</summary>
internal sealed record GroundTruthBitmap(long Pages, long Resident, string Bitmap);
