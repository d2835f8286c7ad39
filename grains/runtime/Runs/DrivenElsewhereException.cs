namespace Reclaim.Grains.Runs;

/// <summary>Another activation of the run's grain has taken it over: this one has come to its end.</summary>
internal sealed class DrivenElsewhereException(string run) : Exception($"run {run} is driven from elsewhere");
