using System.Globalization;
using System.Text;

namespace Reclaim.Client.Traces;

/// <summary>
/// Reads <see cref="TraceFormat.Csv"/>: quoted fields as in RFC 4180 but not across lines; empty lines and lines that begin with
/// <c>#</c> are passed over.
/// </summary>
internal sealed class CsvReader : TraceReader
{
    private static readonly string[] s_usualNames = ["obj_id", "object_id", "obj-id", "objid", "object", "page", "block", "key", "id"];

    private readonly Dictionary<string, uint> _pages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, uint>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly StringBuilder _unquoted = new();
    private readonly string _path;
    private readonly LineReader _lines;
    private readonly TraceOptions _options;
    private long _lineNumber;
    private int _column = -1;
    private string? _pending;

    public CsvReader(string path, Stream content, TraceOptions options)
    {
        _path = path;
        _options = options;
        _lines = new LineReader(content);
        _lookup = _pages.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override int Read(Span<uint> pages)
    {
        if (_column < 0)
            ReadFirstLine();
        var count = 0;
        while (count < pages.Length && NextLine() is { } line)
            pages[count++] = Page(Field(line, _column));
        return count;
    }

    public override void Dispose()
    {
        _lines.Dispose();
        base.Dispose();
    }

    private void ReadFirstLine()
    {
        if (NextLine() is not { } line)
        {
            _column = 0;
            return;
        }

        var fields = Fields(line);
        _column = FindColumn(fields, out var byName);
        var number = decimal.TryParse(fields[_column], NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                     || fields[_column].StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!(_options.Header ?? (byName || !number)))
            _pending = line;
    }

    private int FindColumn(List<string> fields, out bool byName)
    {
        byName = false;
        if (_options.Column is { } wanted)
        {
            if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (number < 1 || number > fields.Count)
                    throw Problem($"there is no column {number}: the line has {fields.Count}");
                return number - 1;
            }

            byName = true;
            var named = fields.FindIndex(field => field.Equals(wanted, StringComparison.OrdinalIgnoreCase));
            return named >= 0 ? named : throw Problem($"there is no column '{wanted}' among {string.Join(", ", fields)}");
        }

        if (fields.Count == 1)
            return 0;
        foreach (var name in s_usualNames)
        {
            var usual = fields.FindIndex(field => field.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (usual >= 0)
            {
                byName = true;
                return usual;
            }
        }

        throw Problem($"the line has {fields.Count} columns: which one has the ids must be said, by name or number");
    }

    private string? NextLine()
    {
        if (_pending is { } pending)
        {
            _pending = null;
            return pending;
        }

        while (_lines.Next() is { } line)
        {
            _lineNumber++;
            if (line.Length > LineReader.MaxLength)
                throw Problem($"is longer than {LineReader.MaxLength} characters: this can hardly be a CSV file");
            if (!line.AsSpan().IsWhiteSpace() && line[0] != '#')
                return line;
        }

        return null;
    }

    private uint Page(ReadOnlySpan<char> id)
    {
        if (id.IsEmpty)
            throw Problem($"column {_column + 1} is empty");
        if (!_lookup.TryGetValue(id, out var page))
            _pages.Add(id.ToString(), page = (uint)_pages.Count);
        return page;
    }

    private ReadOnlySpan<char> Field(string line, int column)
    {
        var rest = line.AsSpan();
        for (var i = 0; ; i++)
        {
            var field = NextField(ref rest, out var more);
            if (i == column)
                return field;
            if (!more)
                throw Problem($"has {i + 1} columns, but the ids are in column {column + 1}");
        }
    }

    private List<string> Fields(string line)
    {
        var fields = new List<string>();
        var rest = line.AsSpan();
        bool more;
        do
            fields.Add(NextField(ref rest, out more).ToString());
        while (more);
        return fields;
    }

    /// <summary>Takes a field and the delimiter after it off the line.</summary>
    private ReadOnlySpan<char> NextField(scoped ref ReadOnlySpan<char> rest, out bool more)
    {
        if (rest.TrimStart(' ').StartsWith('"'))
            return NextQuotedField(ref rest, out more);
        var end = rest.IndexOf(_options.Delimiter);
        more = end >= 0;
        var field = more ? rest[..end] : rest;
        rest = more ? rest[(end + 1)..] : default;
        return field.Trim();
    }

    private ReadOnlySpan<char> NextQuotedField(scoped ref ReadOnlySpan<char> rest, out bool more)
    {
        _unquoted.Clear();
        rest = rest.TrimStart(' ')[1..];
        while (true)
        {
            var quote = rest.IndexOf('"');
            if (quote < 0)
                throw Problem("a quote is not closed");
            _unquoted.Append(rest[..quote]);
            rest = rest[(quote + 1)..];
            if (!rest.StartsWith('"'))
                break;
            _unquoted.Append('"');
            rest = rest[1..];
        }

        rest = rest.TrimStart(' ');
        more = rest.StartsWith(_options.Delimiter);
        if (!more && !rest.IsEmpty)
            throw Problem($"'{rest[0]}' follows a closing quote");
        rest = more ? rest[1..] : default;
        return _unquoted.ToString();
    }

    private TraceException Problem(string what) => new(_path, $"line {_lineNumber}: {what}");
}
