using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads a pattern's parameters and checks that they make a sequence.</summary>
internal static class PatternReader
{
    private const long MaxPages = 1L << 31;

    /// <summary>Of patterns that give pages back.</summary>
    private const long MaxFreedPages = 1L << 30;

    private static readonly string[] _patterns = ["uniform", "zipf", "scan", "hotscan", "phase", "burst", "grow", "gc", "app-launch"];

    public static PatternSpec Read(MapReader reader, string name, AccessKind kind, string device, ulong derivedSeed)
    {
        var pattern = reader.OneOf("pattern", "pattern", _patterns);
        foreach (var key in new[] { "pattern", "n", "acc" })
        {
            if (!reader.Has(key))
            {
                reader.Error(key, key switch
                {
                    "pattern" => $"missing: one of {string.Join(", ", _patterns)}",
                    "n" => AccessReader.IsAnonymous(kind) ? "missing: pages of the memory" : "missing: pages of the file",
                    _ => "missing: number of accesses",
                });
            }
        }

        var spec = new PatternSpec
        {
            Name = name,
            Device = device,
            File = reader.Text("file"),
            Advice = AccessReader.Advice(reader, kind),
            Heap = AccessReader.Heap(reader, kind),
            Executable = AccessReader.Executable(reader, kind),
            Kind = kind,
            Pattern = pattern ?? "uniform",
            N = reader.Integer("n", 1, MaxPages) ?? 2,
            Acc = reader.Integer("acc", 1) ?? 1,
            Seed = reader.Seed("seed") ?? derivedSeed,
            Theta = reader.Number("theta", 0, 16) ?? 0,
            Nf = (int)(reader.Integer("nf", 1, int.MaxValue) ?? 1),
            W = reader.Integer("w", 1) ?? 0,
            P = (int)(reader.Integer("p", 0, 1024) ?? 0),
            Wr = (int)(reader.Integer("wr", 0, 1024) ?? 0),
            Prefill = reader.Flag("prefill") ?? false,
            Free = (int)(reader.Integer("free", 0, 1024) ?? 0),
            Stay = reader.Integer("stay", 1) ?? 0,
        };
        Check(reader, pattern, spec);
        CheckKind(reader, kind);
        CheckHeap(reader, spec);
        return spec;
    }

    private static void CheckKind(MapReader reader, AccessKind kind)
    {
        var anonymous = AccessReader.IsAnonymous(kind);
        if (reader.Has("wr") && kind != AccessKind.AnonRead)
        {
            reader.Error("wr", anonymous
                ? "every access of kind anon-write is a store already: 'wr' goes with kind anon-read"
                : "a share of stores goes with kind anon-read only");
        }

        if (reader.Has("prefill") && !anonymous)
        {
            reader.Error("prefill", "goes with kinds anon-read and anon-write only: a file has its pages before the run");
        }

        if (reader.Has("file") && anonymous)
        {
            reader.Error("file", "anonymous memory has no file: each workload has memory of its own");
        }
    }

    private static void CheckHeap(MapReader reader, PatternSpec spec)
    {
        if (spec.Pattern is not ("grow" or "gc"))
        {
            return;
        }

        if (!AccessReader.IsAnonymous(spec.Kind))
        {
            reader.Error("pattern", $"{spec.Pattern} gives memory back: it goes with kinds anon-read and anon-write only");
        }

        if (spec.N > MaxFreedPages)
        {
            reader.Error("n", $"{spec.N} is too large for the pattern {spec.Pattern} (at most {MaxFreedPages})");
        }
        else if (spec.Pattern is "gc" && spec.W > spec.N)
        {
            reader.Error("w", $"{spec.W} pages between collections are more than the heap has, {spec.N}");
        }
        else if (spec.Pattern is "grow" && spec.P + spec.Free > 1024)
        {
            reader.Error("free", $"p and free are {spec.P + spec.Free} together, more than 1024");
        }
    }

    private static void Check(MapReader reader, string? pattern, PatternSpec spec)
    {
        (string Key, bool Used)[] parameters =
        [
            ("theta", pattern is "zipf" or "app-launch"), ("nf", pattern is "zipf" or "app-launch"),
            ("w", pattern is "hotscan" or "phase" or "burst" or "gc" or "app-launch"),
            ("p", pattern is "hotscan" or "phase" or "burst" or "grow" or "gc"),
            ("free", pattern is "grow"), ("stay", pattern is "app-launch"),
        ];
        foreach (var (key, used) in parameters)
        {
            if (pattern is null)
            {
                continue;
            }

            if (reader.Has(key) && !used)
            {
                reader.Warn(key, $"has no effect: the pattern {pattern} does not use it");
            }
            else if (used && !reader.Has(key) && key is not ("nf" or "free"))
            {
                reader.Error(key, $"missing: the pattern {pattern} needs it");
            }
        }

        if (pattern is "zipf" or "app-launch" && spec.N % spec.Nf != 0)
        {
            reader.Error("nf", $"{spec.Nf} parts do not divide {spec.N} pages");
        }
        else if (pattern is "app-launch" && spec.W > spec.N / spec.Nf)
        {
            reader.Error("w", $"the start-up set, {spec.W} pages, is larger than an app, {spec.N / spec.Nf} pages");
        }
        else if (pattern is "hotscan" && spec.W >= spec.N)
        {
            reader.Error("w", $"the hot window, {spec.W} pages, leaves nothing of {spec.N} to scan");
        }
        else if (pattern is "phase" && spec.W > spec.N - (spec.N / 2))
        {
            reader.Error("w", $"the window, {spec.W} pages, is larger than half of the {spec.N}");
        }
    }
}
