namespace Reclaim.Model.Pressure;

/// <summary>A task goes from one set of states to another, and perhaps from one CPU to another.</summary>
/// <param name="AtNs">When.</param>
/// <param name="FromCpu">CPU it was on.</param>
/// <param name="ToCpu">CPU it is on then.</param>
/// <param name="From">What it was at.</param>
/// <param name="To">What it is at then.</param>
public readonly record struct StateChange(long AtNs, int FromCpu, int ToCpu, TaskStates From, TaskStates To);
