using Reclaim.Client.ScenarioFormat;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Whatever is in a file, it is a scenario or it is wrong, with a line for each problem that begins with the file's name.</summary>
public sealed class DamagedFileTests
{
    private static readonly string[] _put = ["", "[]", "{}", "x", "-1", "~", "|", "*a", "9999999999999999999999", "- 1", "${X}", "'"];

    [Theory]
    [InlineData("examples/containers.yaml")]
    [InlineData("compose/compose.yaml")]
    [InlineData("kubernetes/shop.yaml")]
    public void A_file_with_a_line_lost_or_a_value_replaced_is_read_or_refused(string example)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "scenarios", example));
        var refused = 0;
        for (var line = 0; line < lines.Length; line++)
        {
            var colon = lines[line].IndexOf(": ", StringComparison.Ordinal);
            string[] instead = colon < 0 ? _put : [.. _put, .. _put.Select(value => $"{lines[line][..colon]}: {value}")];
            foreach (var text in instead)
            {
                refused += IsRefused([.. lines[..line], text, .. lines[(line + 1)..]]) ? 1 : 0;
            }

            refused += IsRefused(lines[..line]) ? 1 : 0;
        }

        Assert.True(refused > lines.Length, "most of these are wrong");
    }

    private static bool IsRefused(IEnumerable<string> lines)
    {
        var text = string.Join('\n', lines);
        try
        {
            _ = ScenarioFile.Parse("f.yaml", text, new ScenarioSettings(Names.Known));
            return false;
        }
        catch (InputException e)
        {
            Assert.All(e.Message.Split('\n'), said => Assert.True(said.StartsWith("f.yaml:", StringComparison.Ordinal), $"{said}\n{text}"));
            return true;
        }
    }
}
