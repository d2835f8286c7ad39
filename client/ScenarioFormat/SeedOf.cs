namespace Reclaim.Client.ScenarioFormat;

/// <summary>Seeds that are not given follow from the run's seed and the place of what they feed, never from anything else.</summary>
internal static class SeedOf
{
    public static ulong Workload(ulong runSeed, string cgroupPath, int workload)
    {
        // FNV-1a over the place, then one round of splitmix64 to spread neighbouring seeds.
        var hash = 0xCBF29CE484222325UL;
        foreach (var character in cgroupPath)
        {
            hash = (hash ^ character) * 0x100000001B3UL;
        }

        hash = (hash ^ (ulong)workload) * 0x100000001B3UL;
        var z = hash + (runSeed * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
