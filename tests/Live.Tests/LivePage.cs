using System.Globalization;
using PuppeteerSharp;

namespace Reclaim.Live.Tests;

/// <summary>The page as somebody has it open, and all that it complained of.</summary>
internal sealed class LivePage : IAsyncDisposable
{
    /// <summary>Asking for each picture would have the browser make sixty a second, for nobody.</summary>
    private static readonly WaitForFunctionOptions _patiently = new() { Timeout = 180_000, PollingInterval = 50 };

    private readonly List<string> complaints = [];

    private LivePage(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>Errors on the console, exceptions, and requests that failed or went elsewhere.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    /// <summary>Opens it and waits for the first frame.</summary>
    public static async Task<LivePage> OpenAsync(Chromium chromium, string address, ColorScheme scheme = ColorScheme.Light)
    {
        var live = new LivePage(await chromium.Browser.NewPageAsync());
        live.Page.DefaultTimeout = 180_000;
        live.Listen(new Uri(address));
        await live.Page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme == ColorScheme.Dark ? "dark" : "light" }]);
        await live.Page.GoToAsync(address);
        await live.WaitAsync("document.body.dataset.frames > 0");
        return live;
    }

    public Task WaitAsync(string condition) => Page.WaitForExpressionAsync(condition, _patiently);

    public Task<string> TextAsync(string selector) => Page.EvaluateFunctionAsync<string>("s => document.querySelector(s).textContent", selector);

    /// <summary>Virtual time of the last frame, nanoseconds.</summary>
    public async Task<long> NowAsync() => long.Parse(await Page.EvaluateExpressionAsync<string>("document.body.dataset.now"), CultureInfo.InvariantCulture);

    public async Task<int> FramesAsync() => int.Parse(await Page.EvaluateExpressionAsync<string>("document.body.dataset.frames"), CultureInfo.InvariantCulture);

    /// <summary>Waits until so many more frames have come.</summary>
    public async Task NextFramesAsync(int count) => await WaitAsync($"document.body.dataset.frames >= {await FramesAsync() + count}");

    public Task WaitForPhaseAsync(string phase) => WaitAsync($"document.body.dataset.phase === '{phase}'");

    /// <summary>Clicks on the row of a cgroup and waits until everything of it is there.</summary>
    public async Task ChooseAsync(string cgroup)
    {
        await WaitAsync($"[...document.querySelectorAll('.row:not([hidden]) .name')].some(name => name.title === '{cgroup}')");
        await Page.EvaluateFunctionAsync(
            "path => [...document.querySelectorAll('.row:not([hidden])')].find(row => row.children[0].title === path).dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))",
            cgroup);
        await WaitAsync("document.querySelectorAll('#detail td').length > 20");
    }

    /// <summary>Keeps what it looks like, for people: beside the test's output.</summary>
    public async Task ShowAsync(string name)
    {
        var folder = Environment.GetEnvironmentVariable("RECLAIM_SCREENSHOTS") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "screenshots");
        Directory.CreateDirectory(folder);
        await Page.ScreenshotAsync(Path.Combine(folder, name + ".png"));
    }

    public async ValueTask DisposeAsync()
    {
        await Page.CloseAsync();
        await Page.DisposeAsync();
    }

    private void Listen(Uri address)
    {
        Page.Console += (_, e) =>
        {
            if (e.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                complaints.Add($"console: {e.Message.Text}");
            }
        };
        Page.PageError += (_, e) => complaints.Add($"exception: {e.Message}");
        Page.Request += (_, e) =>
        {
            if (e.Request.Url.StartsWith("http", StringComparison.Ordinal) && new Uri(e.Request.Url).Authority != address.Authority)
            {
                complaints.Add($"asked elsewhere: {e.Request.Url}");
            }
        };
    }
}

/// <summary>What the browser says its user prefers.</summary>
internal enum ColorScheme
{
    Light,
    Dark,
}
