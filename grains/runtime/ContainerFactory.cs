using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Builds the model of a cgroup from its specification, and reads its results back.</summary>
public static class ContainerFactory
{
    /// <summary>Builds cgroup number <paramref name="cgroup"/> of host number <paramref name="host"/>. The specification must have passed <see cref="SpecCheck"/>.</summary>
    public static Container Build(RunSpec spec, int host, int cgroup) => throw new NotImplementedException();

    /// <summary>The results of a container as they stand.</summary>
    public static CgroupResult Results(Container container, RunSpec spec, int host, int cgroup) => throw new NotImplementedException();
}

/// <summary>What a specification says that the model cannot do.</summary>
public static class SpecCheck
{
    /// <summary>Errors and warnings, in the order of the scenario.</summary>
    public static ImmutableArray<SpecProblem> Problems(RunSpec spec) => throw new NotImplementedException();
}
