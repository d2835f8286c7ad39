using System.Collections.Immutable;
using System.Globalization;

namespace Reclaim.Model.LruGenFiles;

/// <summary>One line, read from left to right in columns of fixed width.</summary>
/// <param name="text">The line without its newline.</param>
/// <param name="number">Where it stands in the text, counted from 1.</param>
internal ref struct LruGenLine(ReadOnlySpan<char> text, int number)
{
    private ReadOnlySpan<char> _rest = text;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly LruGenFormatException Expected(string what) => new(number, what);

    public void Literal(string literal, string what)
    {
        if (!_rest.StartsWith(literal, StringComparison.Ordinal))
        {
            throw Expected(what);
        }

        _rest = _rest[literal.Length..];
    }

    /// <summary>A number, to the right of a column that grows if the number does not fit.</summary>
    public ulong Number(int width, string what)
    {
        var blanks = _rest.IndexOfAnyExcept(' ');
        var digits = blanks < 0 ? 0 : _rest[blanks..].IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? _rest.Length - blanks : digits;
        if (digits == 0)
        {
            throw Expected(what);
        }

        if (blanks + digits != Math.Max(width, digits))
        {
            throw Expected(string.Create(CultureInfo.InvariantCulture, $"{what}, to the right of {width} columns"));
        }

        var figures = _rest.Slice(blanks, digits);
        if (!ulong.TryParse(figures, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || (figures[0] == '0' && digits > 1))
        {
            throw Expected($"{what}, below 2^64 and without leading zeros");
        }

        _rest = _rest[(blanks + digits)..];
        return value;
    }

    /// <summary>A blank, a number and a letter.</summary>
    public LruGenField Field(string what)
    {
        Literal(" ", what);
        var value = Number(10, what);
        if (_rest.IsEmpty)
        {
            throw Expected($"a letter or a blank after {what}");
        }

        var letter = _rest[0];
        _rest = _rest[1..];
        return new LruGenField(value, letter);
    }

    /// <summary>So many fields.</summary>
    public ImmutableArray<LruGenField> Fields(int count, string what)
    {
        var fields = ImmutableArray.CreateBuilder<LruGenField>(count);
        while (fields.Count < count)
        {
            fields.Add(Field(what));
        }

        return fields.MoveToImmutable();
    }

    /// <summary>What is left of the line.</summary>
    public string Rest()
    {
        var rest = _rest.ToString();
        _rest = [];
        return rest;
    }

    public readonly void End()
    {
        if (!IsAtEnd)
        {
            throw Expected("the end of the line");
        }
    }
}
