using Reclaim.Silo.Hosting;

namespace Reclaim.Silo;

/// <summary>The silo as a process. Exit status: 0 it has ended as it was told to, 1 it could not start or broke, 2 its configuration is wrong.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => SiloProcess.RunAsync(args, Console.Out, Console.Error);
}
