using PuppeteerSharp;
using Reclaim.Live.Tests;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Reclaim.Live.Tests;

/// <summary>The browser of this machine, without a window.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IBrowser? browser;

    internal IBrowser Browser => browser!;

    /// <summary>Its first process.</summary>
    internal int Pid => Browser.Process.Id;

    public async ValueTask InitializeAsync() => browser = await Puppeteer.LaunchAsync(new LaunchOptions
    {
        Headless = true,
        Timeout = 180_000,
        ExecutablePath = Executable,
        DefaultViewport = new ViewPortOptions { Width = 1280, Height = 800 },
        Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-extensions"],
    });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
            await browser.DisposeAsync();
        }
    }

    /// <summary>Where Debian puts it, unless the environment says where another is.</summary>
    private static string Executable => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";
}
