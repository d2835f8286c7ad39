using System.Text;

namespace Reclaim.Client.Compose;

/// <summary>
/// Interpolation, <c>${NAME:-default}</c>. A run depends on nothing but its input, so the environment is not looked at:
/// the default written in the file counts, and without one the value must be given.
/// </summary>
internal static class ComposeVariables
{
    /// <returns>What is wrong, or null.</returns>
    public static string? TryReplace(string text, out string replaced)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$')
            {
                result.Append(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var end = text.IndexOf('}', i);
            var dash = end < 0 ? -1 : text.IndexOf('-', i, end - i);
            if (i + 1 >= text.Length || text[i + 1] != '{' || dash < 0 || text[i..dash].Contains('?'))
            {
                replaced = text;
                return $"'{text}' depends on the environment, which is not looked at; write a default, ${{NAME:-512m}}, or give the value with --set";
            }

            result.Append(text, dash + 1, end - dash - 1);
            i = end;
        }

        replaced = result.ToString();
        return null;
    }
}
