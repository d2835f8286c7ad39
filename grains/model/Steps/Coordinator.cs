using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Steps;

/// <summary>
/// Virtual time of one host. A step is
/// <code>
///   Wanted ──► nodes reserve ──► Grants ──► memcgs run, in parallel or in turn ──► Taken ──► nodes settle ──► Commit
/// </code>
/// Only <see cref="Commit"/> changes anything, so a step that broke off on the way can be begun again with the same outcome.
/// Everything goes by the order of the memcgs in the scenario, never by who answers first.
///
/// Memcgs that share a limit run one after the other, in as many calls as it takes, within their <see cref="SharedDomain"/>; to the
/// nodes they are one, whose account stands with the first of them.
///
/// Lookahead: a memcg reclaims within its own limit, and its limit is reserved for it, so no other can disturb it and the horizon is
/// the end of the run. How many accesses a step may make then changes the number of steps and nothing that a result shows.
/// </summary>
public sealed class Coordinator
{
    private readonly MemcgStanding[] memcgs;
    private readonly long horizonNs;
    private readonly bool endsByDuration;

    /// <summary>By memcg: the domain it is in, or null.</summary>
    private readonly SharedDomain?[] domainOf;

    /// <summary>By domain and node: pages that the node has charged for it.</summary>
    private readonly long[,] domainCharged;

    /// <param name="memcgs">The memcgs in canonical order: that of the scenario.</param>
    /// <param name="durationNs">Virtual time at which the run ends, or null: when all workloads are done.</param>
    /// <param name="domains">Those of them that share limits.</param>
    public Coordinator(IEnumerable<MemcgTerms> memcgs, long? durationNs, ImmutableArray<SharedDomain> domains = default)
    {
        Domains = domains.IsDefault ? [] : domains;
        this.memcgs = [.. memcgs.Select(terms => new MemcgStanding { Terms = terms, PagesHeld = terms.PagesHeld })];
        horizonNs = durationNs ?? long.MaxValue;
        endsByDuration = durationNs.HasValue;
        Nodes = this.memcgs.Select(memcg => memcg.Terms.Node + 1).Append(1).Max();
        Nodes = Domains.SelectMany(domain => domain.Nodes).Select(node => node.Id + 1).Append(Nodes).Max();
        domainCharged = new long[Domains.Length, Nodes];
        domainOf = [.. this.memcgs.Select((_, i) => Domains.FirstOrDefault(domain => domain.Members.Contains(i)))];
    }

    /// <summary>Memcgs that share limits.</summary>
    public ImmutableArray<SharedDomain> Domains { get; }

    /// <summary>NUMA nodes that memcgs take pages from: the first so many of the host.</summary>
    public int Nodes { get; }

    /// <summary>The memcgs, in canonical order, after the last committed step.</summary>
    public IReadOnlyList<MemcgStanding> Memcgs => memcgs;

    /// <summary>Whether all memcgs are finished.</summary>
    public bool Done => Array.TrueForAll(memcgs, memcg => memcg.Finished);

    /// <summary>Virtual time committed: all memcgs have reached it. When all are finished, the time at which the last one ended.</summary>
    public long NowNs
    {
        get
        {
            var (unfinished, last) = (long.MaxValue, 0L);
            foreach (var memcg in memcgs)
            {
                last = Math.Max(last, memcg.NowNs);
                if (!memcg.Finished)
                {
                    unfinished = Math.Min(unfinished, memcg.NowNs);
                }
            }

            return unfinished == long.MaxValue ? last : unfinished;
        }
    }

    /// <summary>Accesses made by all memcgs.</summary>
    public long Accesses => memcgs.Sum(memcg => memcg.Accesses);

    /// <summary>Virtual time at which the host ends, or null if it ends with its accesses.</summary>
    public long? EndNs =>
        endsByDuration ? horizonNs
        : memcgs.Length > 0 && Array.TrueForAll(memcgs, memcg => memcg.Terms.EndNs.HasValue) ? memcgs.Max(memcg => memcg.Terms.EndNs)
        : null;

    /// <summary>Accesses in all, or null if a memcg ends by time.</summary>
    public long? TotalAccesses =>
        Array.TrueForAll(memcgs, memcg => memcg.Terms.TotalAccesses.HasValue) ? memcgs.Sum(memcg => memcg.Terms.TotalAccesses) : null;

    /// <summary>Pages to reserve on a node for each memcg: as many as it could come to hold, so that it never waits for its node.</summary>
    public ImmutableArray<long> Wanted(int node = 0) =>
        [.. memcgs.Select((memcg, i) => domainOf[i] is { } domain ? WantedBy(domain, i, node)
            : memcg.Finished || memcg.Terms.Node != node ? 0 : Math.Max(memcg.Terms.PagesLimit, memcg.PagesHeld) - memcg.PagesCharged)];

    /// <inheritdoc cref="Grants(IReadOnlyList{ImmutableArray{long}}, long)"/>
    public ImmutableArray<Grant?> Grants(ImmutableArray<long> reserved, long maxAccesses) => Grants([reserved], maxAccesses);

    /// <summary>The grant of each memcg, or null for one that is finished.</summary>
    /// <param name="reserved">By node: pages reserved for each, as asked for by <see cref="Wanted"/>.</param>
    /// <param name="maxAccesses">Accesses each may make before it reports.</param>
    /// <exception cref="StalledException">A memcg's processes hold more than the node has.</exception>
    public ImmutableArray<Grant?> Grants(IReadOnlyList<ImmutableArray<long>> reserved, long maxAccesses)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAccesses, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reserved.Count, Nodes);
        foreach (var onNode in reserved)
        {
            RequireOneEach(onNode.Length);
        }

        var grants = ImmutableArray.CreateBuilder<Grant?>(memcgs.Length);
        for (var i = 0; i < memcgs.Length; i++)
        {
            var memcg = memcgs[i];
            if (domainOf[i] is { } domain)
            {
                RequireRoom(domain, i, reserved);
                grants.Add(null);
                continue;
            }

            var pages = reserved[memcg.Terms.Node][i] - (memcg.PagesHeld - memcg.PagesCharged);
            if (!memcg.Finished && pages < 0 && memcg.PagesHeld <= memcg.Terms.PagesLimit)
            {
                throw new StalledException($"{memcg.Terms.Path} holds {memcg.PagesHeld} pages, more than its node has free");
            }

            grants.Add(memcg.Finished ? null : new Grant(horizonNs, Math.Max(0, pages), maxAccesses));
        }

        return grants.MoveToImmutable();
    }

    /// <summary>What each memcg took of its reservation on a node.</summary>
    /// <param name="reports">A report of each memcg, null for one that was finished before.</param>
    /// <param name="node">The node.</param>
    public ImmutableArray<long> Taken(ImmutableArray<Report?> reports, int node = 0)
    {
        RequireOneEach(reports.Length);
        return [.. memcgs.Select((memcg, i) => domainOf[i] is { } domain ? TakenBy(domain, i, node)
            : memcg.Terms.Node == node && reports[i] is { } report ? memcg.ChargedAfter(report) - memcg.PagesCharged : 0)];
    }

    private long TakenBy(SharedDomain domain, int member, int node) =>
        domain.Members.First() == member ? domain.HeldOn(node) - domainCharged[Domains.IndexOf(domain), node] : 0;

    /// <summary>What a domain may come to hold on a node: its limit, of which its first member keeps the account.</summary>
    private long WantedBy(SharedDomain domain, int member, int node) =>
        domain.Members.First() != member || domain.Done ? 0 : domain.MaxOn(node) - domainCharged[Domains.IndexOf(domain), node];

    private void RequireRoom(SharedDomain domain, int member, IReadOnlyList<ImmutableArray<long>> reserved)
    {
        for (var node = 0; node < Nodes && domain.Members.First() == member; node++)
        {
            if (reserved[node][member] < WantedBy(domain, member, node))
            {
                throw new StalledException($"{domain.Tree.Nodes[0].Path} may hold {domain.MaxOn(node)} pages, more than its node has free");
            }
        }
    }

    /// <summary>Moves time.</summary>
    /// <exception cref="StalledException">No memcg got anywhere, so none ever will.</exception>
    public void Commit(ImmutableArray<Report?> reports)
    {
        RequireOneEach(reports.Length);
        RequireProgress(reports);
        for (var i = 0; i < memcgs.Length; i++)
        {
            if (reports[i] is { } report)
            {
                memcgs[i] = memcgs[i].After(report, horizonNs);
            }
        }

        for (var i = 0; i < Domains.Length; i++)
        {
            for (var node = 0; node < Nodes; node++)
            {
                domainCharged[i, node] = Domains[i].HeldOn(node);
            }
        }
    }

    private void RequireProgress(ImmutableArray<Report?> reports)
    {
        if (Domains.Any(domain => domain.IsReclaiming))
        {
            return;
        }

        string? complaint = null;
        for (var i = 0; i < memcgs.Length; i++)
        {
            if (reports[i] is not { } report)
            {
                continue;
            }

            if (report.Accesses > 0 || report.Stop is StopReason.Done or StopReason.Horizon)
            {
                return;
            }

            complaint ??= report.Stop == StopReason.Pages
                ? $"{memcgs[i].Terms.Path} needs more pages than its node has free"
                : $"{memcgs[i].Terms.Path} waits for accesses that never came: is its trace complete?";
        }

        if (complaint is not null)
        {
            throw new StalledException(complaint);
        }
    }

    private void RequireOneEach(int count)
    {
        if (count != memcgs.Length)
        {
            throw new ArgumentException($"expected one entry for each of {memcgs.Length} memcgs, got {count}", nameof(count));
        }
    }
}
