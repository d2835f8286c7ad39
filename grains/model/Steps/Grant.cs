namespace Reclaim.Model.Steps;

/// <summary>What a coordinator allows a memcg in one step.</summary>
/// <param name="HorizonNs">Virtual time not to be passed by a new access.</param>
/// <param name="Pages">Pages it may take from its node beyond those it holds.</param>
/// <param name="MaxAccesses">Accesses after which it reports even before the horizon. Decides how long a step takes in real time, and nothing else.</param>
public readonly record struct Grant(long HorizonNs, long Pages, long MaxAccesses);
