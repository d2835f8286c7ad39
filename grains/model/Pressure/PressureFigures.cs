using System.Globalization;

namespace Reclaim.Model.Pressure;

/// <summary>What a pressure file shows.</summary>
/// <param name="Some">At least one task lacks the resource.</param>
/// <param name="Full">No task gets anywhere because of it.</param>
public readonly record struct PressureFigures(PressureLine Some, PressureLine Full)
{
    /// <summary>The text of the file (psi_show).</summary>
    public string Text => $"some {Some}\nfull {Full}\n";
}

/// <summary>A line of a pressure file.</summary>
/// <param name="Avg10">Per cent of the time, averaged over ten seconds: hundredths of a per cent.</param>
/// <param name="Avg60">Over a minute.</param>
/// <param name="Avg300">Over five minutes.</param>
/// <param name="Total">Since the beginning, µs.</param>
public readonly record struct PressureLine(int Avg10, int Avg60, int Avg300, long Total)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"avg10={Percent(Avg10)} avg60={Percent(Avg60)} avg300={Percent(Avg300)} total={Total}");

    private static string Percent(int hundredths) => string.Create(CultureInfo.InvariantCulture, $"{hundredths / 100}.{hundredths % 100:00}");
}
