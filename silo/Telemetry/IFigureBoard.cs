namespace Reclaim.Silo.Telemetry;

/// <summary>Shows somebody the figures of what is simulated here, in that one's own way.</summary>
internal interface IFigureBoard
{
    /// <summary>Shows these instead of the last.</summary>
    /// <param name="figures">What is so now.</param>
    /// <param name="areLast">Whether some of them are those of hosts that have ended, and will not be shown again.</param>
    void Show(IReadOnlyList<Figure> figures, bool areLast);
}
