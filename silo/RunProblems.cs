using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Silo;

/// <summary>Whether a run exists in spite of its problems.</summary>
internal static class RunProblems
{
    public static bool IsSound(ImmutableArray<SpecProblem> problems) => problems.All(problem => problem.IsWarning);

    public static InvalidOperationException DoesNotExist(ImmutableArray<SpecProblem> problems)
    {
        var first = problems.First(problem => !problem.IsWarning);
        return new InvalidOperationException($"the run does not exist: {first.Key}: {first.Message}");
    }
}
