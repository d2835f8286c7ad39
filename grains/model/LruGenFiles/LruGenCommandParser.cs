using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// Reads commands as lru_gen_seq_write does with the kernel's sscanf: blanks may stand or be missing wherever the meaning is clear
/// (<c>+1 0 3</c>), numbers are decimal, without sign, and wrap silently at their width.
/// </summary>
internal static class LruGenCommandParser
{
    private static readonly string[] _required = ["memcg_id", "node_id", "seq"];

    public static LruGenCommands Parse(string text, int maxSwappiness)
    {
        var nul = text.IndexOf('\0', StringComparison.Ordinal);
        var commands = ImmutableArray.CreateBuilder<LruGenCommand>();
        foreach (var part in (nul < 0 ? text : text[..nul]).Split(',', ';', '\n'))
        {
            var at = SkipBlanks(part, 0);
            if (at == part.Length)
            {
                continue;
            }

            var (command, problem) = One(part[at..], maxSwappiness);
            if (command is null)
            {
                return new LruGenCommands(commands.ToImmutable(), new LruGenCommandError(commands.Count + 1, part[at..], problem));
            }

            commands.Add(command);
        }

        return new LruGenCommands(commands.ToImmutable(), Error: null);
    }

    private static (LruGenCommand? Command, string Problem) One(string text, int maxSwappiness)
    {
        if (text[0] is not ('+' or '-'))
        {
            return (null, $"starts with '{text[0]}', not with + (aging) or - (eviction)");
        }

        var at = SkipBlanks(text, 1);
        Span<ulong> numbers = stackalloc ulong[5];
        var count = 0;
        while (count < numbers.Length && Number(text, ref at, out numbers[count]))
        {
            count++;
            at = SkipBlanks(text, at);
        }

        if (count < _required.Length)
        {
            return (null, at < text.Length
                ? $"'{text[at..]}' is not a number where {_required[count]} is expected"
                : $"has no {_required[count]}: memcg_id, node_id and seq are needed");
        }

        if (at < text.Length)
        {
            return (null, count == numbers.Length
                ? $"'{text[at..]}' after the last number"
                : $"'{text[at..]}' is not a number");
        }

        // An int in the kernel: from 2^31 on it is negative, and as good as not given.
        var swappiness = count > 3 ? (int)(uint)numbers[3] : -1;
        if (swappiness > maxSwappiness)
        {
            return (null, $"swappiness {swappiness} is above {maxSwappiness}");
        }

        var (memcg, node, seq) = ((uint)numbers[0], (uint)numbers[1], numbers[2]);
        int? given = swappiness >= 0 ? swappiness : null;
        var option = count > 4 ? numbers[4] : ulong.MaxValue;
        return text[0] == '+'
            ? (new LruGenAging(memcg, node, seq, given, option != 0), "")
            : (new LruGenEviction(memcg, node, seq, given, option), "");
    }

    private static bool Number(string text, ref int at, out ulong value)
    {
        var start = at;
        for (value = 0; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            value = unchecked(value * 10 + (ulong)(text[at] - '0'));
        }

        return at > start;
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or (>= '\t' and <= '\r'))
        {
            at++;
        }

        return at;
    }
}
