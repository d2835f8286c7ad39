namespace Reclaim.Model.Steps;

/// <summary>A container's part in a step.</summary>
public static class ContainerSteps
{
    /// <summary>Runs one step of a container.</summary>
    public static Report Step(this Container container, Grant grant)
    {
        var held = container.PagesHeld;
        var accesses = container.Accesses;
        var misses = container.Misses;
        var refaults = container.Refaults;
        var scanned = container.Scanned;
        var reclaimed = container.Reclaimed;
        var stop = container.Run(grant.HorizonNs, grant.Pages, grant.MaxAccesses);
        return new Report(
            stop,
            container.NowNs,
            container.PagesHeld - held,
            container.Accesses - accesses,
            container.Misses - misses,
            container.Refaults - refaults,
            container.Scanned - scanned,
            container.Reclaimed - reclaimed);
    }

    /// <summary>What a coordinator must know of a container before the first step.</summary>
    public static MemcgTerms Terms(this Container container, string path) =>
        new(path, container.PagesHeld, container.PagesLimit, container.EndNs, container.TotalAccesses);
}
