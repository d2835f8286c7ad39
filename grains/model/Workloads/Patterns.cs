namespace Reclaim.Model.Workloads;

/// <summary>
/// The generated sequences, defined bit for bit in <c>ground-truth/README.md</c>, or, those that live on processes, in
/// <c>docs/scenario.md</c>, so that a real kernel and the model can be given the same accesses. Only wrapping integer arithmetic and IEEE double <c>+ × / sqrt</c> go into them.
/// </summary>
public static class Patterns
{
    /// <summary>Largest number of pages: a block number has 31 bits.</summary>
    public const long MaxPages = 1L << 31;

    /// <summary>Most ranks of a Zipf distribution (n ÷ nf): each costs up to 24 bytes of memory.</summary>
    public const long MaxRanks = 1L << 28;

    /// <summary>Longest look back of <c>burst</c>, in accesses.</summary>
    public const long MaxLookBack = 1L << 28;

    /// <summary>Most pages where some are freed: a bit of the number says so.</summary>
    public const long MaxFreedPages = 1L << 30;

    private const double MaxTheta = 64;

    public static IReadOnlyList<string> Names { get; } = ["uniform", "scan", "zipf", "hotscan", "phase", "burst", "grow", "gc", "app-launch"];

    /// <summary>Whether a pattern stores to its pages and gives them back as a heap does, so that it goes with anonymous memory only.</summary>
    public static bool IsHeap(string pattern) => pattern is "grow" or "gc";

    /// <summary>Makes the sequence called <paramref name="pattern"/>.</summary>
    /// <param name="pattern">One of <see cref="Names"/>.</param>
    /// <param name="n">Pages of the file.</param>
    /// <param name="acc">Number of accesses.</param>
    /// <param name="seed">State of the random generator at the start; <c>scan</c> draws nothing.</param>
    /// <param name="theta"><c>zipf</c>, <c>app-launch</c>: exponent.</param>
    /// <param name="nf"><c>zipf</c>: number of equal parts with ranks of their own; 1: the file is one. <c>app-launch</c>: number of apps.</param>
    /// <param name="w">
    /// <c>hotscan</c>, <c>phase</c>: pages of the working set; <c>burst</c>: accesses looked back over; <c>gc</c>: pages allocated between
    /// collections; <c>app-launch</c>: pages of the start-up set.
    /// </param>
    /// <param name="p">
    /// <c>hotscan</c>: chance of the scan; <c>phase</c>: of the working set; <c>burst</c>: of a repetition; <c>grow</c>: of growth;
    /// <c>gc</c>: of a page's surviving a collection; in 1/1024.
    /// </param>
    /// <param name="write">Whether the accesses are writes.</param>
    /// <param name="free"><c>grow</c>: chance of shrinking, in 1/1024.</param>
    /// <param name="stay"><c>app-launch</c>: accesses after the start-up.</param>
    /// <param name="startsStoring"><c>app-launch</c>: whether the start-up set is stored to.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range; <see cref="ArgumentException.ParamName"/> is its name above.</exception>
    public static AccessSource Create(
        string pattern, long n, long acc, ulong seed, double theta = 0, int nf = 1, long w = 0, int p = 0, bool write = false,
        int free = 0, long stay = 0, bool startsStoring = false)
    {
        Require(n is >= 1 and <= MaxPages, nameof(n), $"n must be 1 to {MaxPages} pages, not {n}");
        Require(acc >= 1, nameof(acc), $"acc must be at least 1 access, not {acc}");
        var pages = (ulong)n;
        switch (pattern)
        {
            case "uniform":
                return new UniformPattern(pages, acc, seed, write);

            case "scan":
                return new ScanPattern(pages, acc, write);

            case "zipf":
                RequireRanks(n, theta, nf);
                return new ZipfPattern(pages, acc, seed, theta, (uint)nf, write);

            case "hotscan":
                RequireChance(p);
                Require(w >= 1 && w < n, nameof(w), $"w must be 1 to n − 1 = {n - 1} pages for hotscan, not {w}");
                return new HotScanPattern(pages, acc, seed, (ulong)w, (uint)p, write);

            case "phase":
                RequireChance(p);
                Require(w >= 1 && w <= n - n / 2, nameof(w), $"w must be 1 to n − n/2 = {n - n / 2} pages for phase, not {w}");
                return new PhasePattern(pages, acc, seed, (ulong)w, (uint)p, write);

            case "burst":
                RequireChance(p);
                Require(w is >= 1 and <= MaxLookBack, nameof(w), $"w must be 1 to {MaxLookBack} accesses for burst, not {w}");
                return new BurstPattern(pages, acc, seed, (ulong)w, (uint)p, write);

            case "grow":
                RequireChance(p);
                Require(n <= MaxFreedPages, nameof(n), $"n must be at most {MaxFreedPages} pages for grow, not {n}");
                Require(free >= 0 && p + free <= 1024, nameof(free), $"free must be 0 to 1024 − p = {1024 - p} (in 1/1024), not {free}");
                return new GrowPattern(pages, acc, seed, (uint)p, (uint)free, write);

            case "gc":
                RequireChance(p);
                Require(n <= MaxFreedPages, nameof(n), $"n must be at most {MaxFreedPages} pages for gc, not {n}");
                Require(w >= 1 && w <= n, nameof(w), $"w must be 1 to n = {n} pages for gc, not {w}");
                return new GcPattern(pages, acc, seed, (ulong)w, (uint)p, write);

            case "app-launch":
                RequireRanks(n, theta, nf);
                Require(w >= 1 && w <= n / nf, nameof(w), $"w must be 1 to n ÷ nf = {n / nf} pages for app-launch, not {w}");
                Require(stay >= 1, nameof(stay), $"stay must be at least 1 access, not {stay}");
                return new AppLaunchPattern(pages, acc, seed, theta, (uint)nf, (uint)w, (ulong)stay, startsStoring, write);

            default:
                throw new ArgumentException($"unknown pattern '{pattern}': it must be one of {string.Join(", ", Names)}", nameof(pattern));
        }
    }

    private static void RequireRanks(long n, double theta, int nf)
    {
        Require(theta is >= 0 and <= MaxTheta, nameof(theta), $"theta must be 0 to {MaxTheta}, not {theta}");
        Require(nf >= 1, nameof(nf), $"nf must be at least 1 part, not {nf}");
        Require(n % nf == 0, nameof(nf), $"nf must divide n: {n} pages are not {nf} equal parts");
        Require(n / nf <= MaxRanks, nameof(n), $"n ÷ nf must be at most {MaxRanks}, not {n / nf}");
    }

    private static void RequireChance(int p) => Require(p is >= 0 and <= 1024, nameof(p), $"p must be 0 to 1024 (in 1/1024), not {p}");

    private static void Require(bool holds, string parameter, string message)
    {
        if (!holds)
            throw new ArgumentException(message, parameter);
    }
}
