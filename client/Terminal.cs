using Spectre.Console;

namespace Reclaim.Client;

/// <summary>Where output goes. Results go to standard output; progress, warnings and errors to standard error.</summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error)
{
    /// <summary>Without a terminal tables are as wide as they need to be.</summary>
    private const int UnboundedWidth = 400;

    /// <summary>Whether <see cref="Out"/> is shown to somebody: colours are used and the width is the window's.</summary>
    public bool OutIsInteractive { get; init; }

    /// <summary>Whether progress on <see cref="Error"/> may redraw itself.</summary>
    public bool ErrorIsInteractive { get; init; }

    public static Terminal FromConsole() => new(Console.Out, Console.Error)
    {
        OutIsInteractive = !Console.IsOutputRedirected,
        ErrorIsInteractive = !Console.IsErrorRedirected,
    };

    public IAnsiConsole OutConsole() => Open(Out, OutIsInteractive);

    public IAnsiConsole ErrorConsole() => Open(Error, ErrorIsInteractive);

    private static IAnsiConsole Open(TextWriter writer, bool interactive) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
        Out = interactive ? new AnsiConsoleOutput(writer) : new PlainOutput(writer),
    });

    private sealed class PlainOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => UnboundedWidth;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
