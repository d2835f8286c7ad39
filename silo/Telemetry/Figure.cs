namespace Reclaim.Silo.Telemetry;

/// <summary>One value of one metric.</summary>
/// <param name="Name">Name of the metric, with dots.</param>
/// <param name="Unit">Its unit, in UCUM as OpenTelemetry has it.</param>
/// <param name="Grows">Whether it only grows as long as its host lives: a counter.</param>
/// <param name="Value">The value.</param>
/// <param name="Tags">Whose it is.</param>
public readonly record struct Figure(string Name, string Unit, bool Grows, long Value, KeyValuePair<string, object?>[] Tags);
