using System.Collections.Immutable;

namespace Reclaim.Model.Reference;

/// <summary>The reference policies by name. A new one is its file and a line here.</summary>
public static class ReferencePolicies
{
    /// <summary>The name of the one policy that must know the requests to come.</summary>
    public const string Opt = "opt";

    /// <summary>The names, from the simplest to the unreachable.</summary>
    public static ImmutableArray<string> Names { get; } = ["fifo", "lru", "clock", "arc", "s3fifo", "sieve", Opt];

    /// <summary>Makes an empty cache.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="pages">Pages of the address space.</param>
    /// <param name="capacity">Pages that fit.</param>
    /// <param name="trace">For <see cref="Opt"/>, all requests that will be made, in order; the others ignore it.</param>
    /// <exception cref="ArgumentException">There is no policy of this name.</exception>
    public static ReferencePolicy Create(string name, int pages, int capacity, ReadOnlySpan<uint> trace = default) => name switch
    {
        "fifo" => new FifoPolicy(pages, capacity),
        "lru" => new LruPolicy(pages, capacity),
        "clock" => new ClockPolicy(pages, capacity),
        "arc" => new ArcPolicy(pages, capacity),
        "s3fifo" => new S3FifoPolicy(pages, capacity),
        "sieve" => new SievePolicy(pages, capacity),
        Opt => new OptPolicy(pages, capacity, trace),
        _ => throw new ArgumentException($"'{name}' is not a reference policy; there are {string.Join(", ", Names)}", nameof(name)),
    };
}
