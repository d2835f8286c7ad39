using Microsoft.Extensions.DependencyInjection;

namespace Reclaim.Grains;

/// <summary>What the grains of a run share on a silo.</summary>
public static class ReclaimGrains
{
    /// <summary>Adds it to a silo's services.</summary>
    public static IServiceCollection AddReclaimGrains(this IServiceCollection services) => services.AddSingleton<LocalMemcgs>();
}
