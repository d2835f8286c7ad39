namespace Reclaim.Model.Pressure;

/// <summary>A task goes from one set of states to another, and perhaps from one CPU to another.</summary>
internal readonly record struct StateChange(long AtNs, int FromCpu, int ToCpu, TaskStates From, TaskStates To);
