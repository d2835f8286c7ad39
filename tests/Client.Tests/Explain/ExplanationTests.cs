using System.Collections.Immutable;
using CsCheck;
using Reclaim.Client.Explain;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests.Explain;

/// <summary>The parts of an explanation, on any two results.</summary>
public sealed class ExplanationTests
{
    private static readonly string[] _kinds = ["hit", "load", "think", "fault", "miss", "swap", "device_wait", "reclaim", "lru_lock_wait"];

    private static readonly Gen<WorkloadResult> _workload =
        from accesses in Gen.Long[1, 1_000_000]
        from missing in Gen.Double[0, 1]
        from seconds in Gen.Double[0.001, 1000]
        from pages in Gen.Double[0.1, 64]
        from spent in Gen.Double[0.0001, 100].Array[_kinds.Length]
        from present in Gen.Int[1, (1 << _kinds.Length) - 1]
        select new WorkloadResult
        {
            Name = "w",
            Iops = accesses / pages / seconds,
            Steady = new SteadyResult(accesses, accesses - (long)(missing * accesses), 0, seconds)
            {
                Spent = _kinds.Select((kind, i) => (kind, i)).Where(one => (present >> one.i & 1) != 0)
                    .ToImmutableSortedDictionary(one => one.kind, one => spent[one.i], StringComparer.Ordinal),
            },
        };

    [Fact]
    public void The_parts_are_the_change_and_nothing_is_left_over() => Gen.Select(_workload, _workload).Sample((before, after) =>
    {
        var explanation = Explanation.Of("/a w", before, after)!;

        Assert.Equal(explanation.Change, explanation.Parts.Sum(part => part.Share), 1e-6 * Math.Max(1, explanation.Parts.Max(part => Math.Abs(part.Share))));
    });

    [Fact]
    public void Which_of_two_runs_is_the_first_changes_no_part_but_in_scale_and_sign() => Gen.Select(_workload, _workload).Sample((before, after) =>
    {
        var (there, back) = (Explanation.Of("", before, after)!, Explanation.Of("", after, before)!);
        var (scaleThere, scaleBack) = (there.Change / Math.Log(1 + there.Change), back.Change / Math.Log(1 + back.Change));

        Assert.All(there.Parts.Zip(back.Parts), pair => Assert.Equal(
            pair.First.Share / scaleThere, -pair.Second.Share / scaleBack, 1e-6 * Math.Max(1, Math.Abs(pair.First.Share / scaleThere))));
    });

    [Fact]
    public void Where_only_misses_differ_they_are_all_of_it()
    {
        static WorkloadResult With(long misses) => new()
        {
            Name = "w",
            Iops = 1000 / (1000 * 1e-6 + misses * 50e-6),
            Steady = new SteadyResult(1000, 1000 - misses, misses, 1000 * 1e-6 + misses * 50e-6)
            {
                Spent = ImmutableSortedDictionary<string, double>.Empty.Add("hit", 1000 * 1e-6).Add("device_wait", misses * 50e-6),
            },
        };

        var explanation = Explanation.Of("", With(500), With(100))!;

        Assert.Equal(explanation.Change, explanation.Parts.Single(part => part.What == Explanation.Misses).Share, 1e-9);
    }

    [Fact]
    public void A_workload_that_did_nothing_has_no_explanation() =>
        Assert.Null(Explanation.Of("", new WorkloadResult { Name = "w" }, _workload.Single()));
}
