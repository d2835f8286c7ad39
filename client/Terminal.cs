using Spectre.Console;

namespace Reclaim.Client;

/// <summary>Where output goes. Results go to standard output; progress, warnings and errors to standard error.</summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error)
{
    /// <summary>More columns than any table has.</summary>
    private const int UnboundedWidth = 400;

    /// <summary>What a file called <c>-</c> is read from.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether <see cref="Out"/> is shown to somebody: colours are used.</summary>
    public bool OutIsInteractive { get; init; }

    /// <summary>Whether progress on <see cref="Error"/> may redraw itself.</summary>
    public bool ErrorIsInteractive { get; init; }

    /// <summary>The key that was pressed last, null if none was since this was asked; null as a whole where there is no keyboard.</summary>
    public Func<char?>? Key { get; init; }

    public static Terminal FromConsole() => new(Console.Out, Console.Error)
    {
        In = Console.In,
        OutIsInteractive = !Console.IsOutputRedirected,
        ErrorIsInteractive = !Console.IsErrorRedirected,
        Key = Console.IsInputRedirected || Console.IsErrorRedirected ? null : () => Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null,
    };

    /// <summary>For tables: never cut to the window, a figure that lacks its last digits is worse than a broken line.</summary>
    public IAnsiConsole OutConsole() => Open(Out, OutIsInteractive, UnboundedWidth);

    /// <summary>For progress that redraws itself: as wide as the window.</summary>
    public IAnsiConsole ErrorConsole() => Open(Error, ErrorIsInteractive, ErrorIsInteractive ? null : UnboundedWidth);

    private static IAnsiConsole Open(TextWriter writer, bool interactive, int? width) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
        Out = width is null ? new AnsiConsoleOutput(writer) : new WideOutput(writer, interactive, width.Value),
    });

    private sealed class WideOutput(TextWriter writer, bool interactive, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => interactive;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
