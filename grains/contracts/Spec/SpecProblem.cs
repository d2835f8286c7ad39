namespace Reclaim.Contracts.Spec;

/// <summary>Something wrong in a <see cref="RunSpec"/>, found where the rules of the model are known.</summary>
/// <param name="Key">Path of the scenario key, for example <c>kernel.rules.protect.saturated</c> or <c>host.cgroups.bench.memory.max</c>.</param>
/// <param name="Message">What is wrong, in one line without a final stop.</param>
/// <param name="IsWarning">Whether the run can go on: the option is honoured in part, and this says which part is not.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.problem/1")]
public sealed record SpecProblem([property: Id(0)] string Key, [property: Id(1)] string Message, [property: Id(2)] bool IsWarning = false);
