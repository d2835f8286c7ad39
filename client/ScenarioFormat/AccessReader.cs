using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads how a pattern or trace touches its pages: <c>kind</c> and <c>advice</c>.</summary>
internal static class AccessReader
{
    private static readonly string[] _kinds = ["read", "write", "mmap-read", "mmap-write", "anon-read", "anon-write"];

    private static readonly string[] _advice = ["normal", "random", "sequential", "noreuse"];

    public static AccessKind Kind(MapReader reader)
    {
        var kind = reader.OneOf("kind", "kind of access", _kinds) switch
        {
            "write" => AccessKind.Write,
            "mmap-read" => AccessKind.MmapRead,
            "mmap-write" => AccessKind.MmapWrite,
            "anon-read" => AccessKind.AnonRead,
            "anon-write" => AccessKind.AnonWrite,
            _ => AccessKind.Read,
        };
        if (IsMapped(kind) && !reader.Has("advice"))
        {
            reader.Warn("kind", "without advice a mapped file is read page by page, as with read_ahead_kb 0: 'advice: normal' reads around");
        }

        return kind;
    }

    /// <summary>posix_fadvise on what is read through a descriptor, madvise on what is mapped.</summary>
    public static AccessAdvice Advice(MapReader reader, AccessKind kind)
    {
        var text = reader.OneOf("advice", "advice", _advice);
        if (text is null)
        {
            return AccessAdvice.Unspecified;
        }

        if (IsAnonymous(kind))
        {
            reader.Error("advice", "not in this version: advice on anonymous memory");
        }
        else if (!IsMapped(kind) && text == "noreuse")
        {
            reader.Error("advice", "'noreuse' says something of mappings only: through a descriptor advice is normal, random or sequential");
        }

        return text switch
        {
            "random" => AccessAdvice.Random,
            "sequential" => AccessAdvice.Sequential,
            "noreuse" => AccessAdvice.NoReuse,
            _ => AccessAdvice.Normal,
        };
    }

    /// <summary>The heap that threads of a process share.</summary>
    public static string? Heap(MapReader reader, AccessKind kind)
    {
        var heap = reader.Text("heap");
        if (heap is not null && !IsAnonymous(kind))
        {
            reader.Error("heap", "goes with kinds anon-read and anon-write only: workloads that name the same 'file' share that");
        }

        return heap;
    }

    /// <summary>Whether a mapped file is a program or a library.</summary>
    public static bool Executable(MapReader reader, AccessKind kind)
    {
        var executable = reader.Flag("exec") ?? false;
        if (executable && kind != AccessKind.MmapRead)
        {
            reader.Error("exec", "goes with kind mmap-read only: what is executed is mapped and not written");
        }

        return executable;
    }

    public static bool IsAnonymous(AccessKind kind) => kind is AccessKind.AnonRead or AccessKind.AnonWrite;

    /// <summary>Anonymous memory lives on no device: what it is swapped to is the host's matter.</summary>
    public static string NoDevice(MapReader reader)
    {
        if (reader.Text("device") is not null)
        {
            reader.Error("device", "anonymous memory has no device: what it is swapped to is said by the host's 'swap'");
        }

        return "";
    }

    private static bool IsMapped(AccessKind kind) => kind is AccessKind.MmapRead or AccessKind.MmapWrite;
}
