using Reclaim.Model.Pressure;

namespace Reclaim.Model.Steps;

/// <summary>How far a request came before the step had no pages left for it.</summary>
/// <param name="Page">The page that it goes on with.</param>
/// <param name="Clock">Its time.</param>
/// <param name="ReadsBefore">Pages that its job had read from devices before.</param>
/// <param name="Waiting">What it will wait for.</param>
internal readonly record struct RequestProgress(uint Page, RequestClock Clock, long ReadsBefore, TaskStates Waiting);
