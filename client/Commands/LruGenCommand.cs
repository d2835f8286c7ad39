using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>lru-gen FILE</c>: checks what a kernel, or the simulator, printed as lru_gen or lru_gen_full and shows it as tables.</summary>
internal static class LruGenCommand
{
    /// <summary>Name of standard input.</summary>
    private const string StandardInput = "-";

    public static Command Make(CommandContext context)
    {
        var command = new Command("lru-gen", "Read the text of /sys/kernel/debug/lru_gen or lru_gen_full; print sizes, ages and what its tiers come to");
        var file = new Argument<string>("FILE") { Description = "The text, or - for standard input" };
        var raw = new Option<bool>("--raw") { Description = "Check the text and print it back unchanged" };
        var variant = new Option<string>("--variant")
        {
            Description = "The kernel by whose rules tiers are protected: they changed in v6.14",
            DefaultValueFactory = _ => "v6.8",
        };
        command.Add(file);
        command.Add(raw);
        command.Add(variant);
        command.SetAction((parsed, _) =>
            ShowAsync(context.Terminal, parsed.GetRequiredValue(file), parsed.GetValue(raw), Known(parsed.GetRequiredValue(variant))));
        return command;
    }

    private static async Task<int> ShowAsync(Terminal terminal, string path, bool raw, string variant)
    {
        var reading = Read(path == StandardInput ? await terminal.In.ReadToEndAsync() : InputFile.ReadText(path), path, variant);
        if (raw)
        {
            await terminal.Out.WriteAsync(reading.Text);
        }
        else
        {
            LruGenTable.Write(terminal, reading);
        }

        return ExitStatus.Done;
    }

    private static string Known(string variant) => KernelCatalog.Variants.Contains(variant)
        ? variant
        : throw new InputException($"--variant: no variant '{variant}'{Nearest.Suggestion(variant, KernelCatalog.Variants)}");

    private static LruGenReading Read(string text, string path, string variant)
    {
        try
        {
            return LruGenReading.Of(text, variant);
        }
        catch (FormatException e)
        {
            throw new InputException($"{(path == StandardInput ? "standard input" : path)}: {e.Message}");
        }
    }
}
