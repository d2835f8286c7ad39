namespace Reclaim.Model.LruGenFiles;

/// <summary>One line of the text, read from left to right; every complaint names the place.</summary>
/// <param name="text">The line without its newline.</param>
/// <param name="number">Its number, counted from 1.</param>
internal sealed class LruGenLine(string text, int number)
{
    private int _at;

    public bool AtEnd => _at == text.Length;

    public int Column => _at + 1;

    public bool StartsWith(string start) => text.StartsWith(start, StringComparison.Ordinal);

    /// <summary>Exactly these characters.</summary>
    public void Literal(string expected)
    {
        if (string.CompareOrdinal(text, _at, expected, 0, expected.Length) != 0)
        {
            var same = 0;
            while (_at + same < text.Length && text[_at + same] == expected[same])
            {
                same++;
            }

            throw Error(_at + same, expected.All(c => c == ' ') ? (expected.Length == 1 ? "a blank" : $"{expected.Length} blanks") : $"'{expected}'");
        }

        _at += expected.Length;
    }

    /// <summary>A blank, and a number as printf's %<paramref name="width"/>u prints it: to the right, no zeros in front.</summary>
    public ulong Number(string what, int width, ulong most = ulong.MaxValue)
    {
        Literal(" ");
        return Bare(what, width, most);
    }

    /// <summary>The number without the blank in front.</summary>
    public ulong Bare(string what, int width, ulong most = ulong.MaxValue)
    {
        var digits = _at;
        while (digits < text.Length && text[digits] == ' ')
        {
            digits++;
        }

        var end = digits;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (end == digits)
        {
            throw Error(digits, $"{what}, a number");
        }

        if (digits - _at != Math.Max(0, width - (end - digits)) || (text[digits] == '0' && end - digits > 1))
        {
            throw Error(digits, $"{what} to end {width} columns after column {_at}, without zeros in front");
        }

        if (!ulong.TryParse(text.AsSpan(digits, end - digits), out var value) || value > most)
        {
            throw Error(digits, $"{what}, at most {most}");
        }

        _at = end;
        return value;
    }

    /// <summary>One of these characters.</summary>
    public char Letter(string what, string allowed)
    {
        if (AtEnd || !allowed.Contains(text[_at], StringComparison.Ordinal))
        {
            throw Error(_at, $"{what}: {string.Join(", ", allowed.Select(Show))}");
        }

        return text[_at++];
    }

    /// <summary>All that is left.</summary>
    public string Rest()
    {
        var rest = text[_at..];
        _at = text.Length;
        return rest;
    }

    public void End()
    {
        if (!AtEnd)
        {
            throw Error(_at, "the end of the line");
        }
    }

    /// <summary>Something else was expected where reading stands.</summary>
    public LruGenTextException Expected(string what) => Error(_at, what);

    /// <summary>What was read from a column on is well formed but cannot stand there.</summary>
    public LruGenTextException ExpectedAt(int column, string what) => new(number, column, $"expected {what}");

    private LruGenTextException Error(int at, string expected) =>
        new(number, at + 1, $"expected {expected}; found {(at < text.Length ? Show(text[at]) : "the end of the line")}");

    private static string Show(char c) => c == ' ' ? "a blank" : char.IsControl(c) ? $"U+{(int)c:X4}" : $"'{c}'";
}
