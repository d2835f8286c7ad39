using System.Text;

namespace Reclaim.Client.Traces;

/// <summary>Reads UTF-8 text line by line, without ever holding more of a line than <see cref="MaxLength"/> characters and one.</summary>
internal sealed class LineReader(Stream content) : IDisposable
{
    public const int MaxLength = 1 << 16;

    private readonly StreamReader _text = new(content, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, MaxLength, leaveOpen: true);
    private readonly char[] _buffer = new char[MaxLength + 1];
    private int _start;
    private int _end;

    /// <summary>The next line without its end, one of <see cref="MaxLength"/> + 1 characters if it is too long, or null at the end.</summary>
    public string? Next()
    {
        var searched = 0;
        while (true)
        {
            var held = _buffer.AsSpan(_start, _end - _start);
            var length = held[searched..].IndexOf('\n');
            if (length >= 0)
            {
                length += searched;
                _start += length + 1;
                return held[..length].TrimEnd('\r').ToString();
            }

            if (held.Length == _buffer.Length)
                return held.ToString();
            searched = held.Length;
            held.CopyTo(_buffer);
            (_start, _end) = (0, held.Length);
            var count = _text.Read(_buffer, _end, _buffer.Length - _end);
            _end += count;
            if (count > 0)
                continue;

            if (_end == 0)
                return null;
            var last = _buffer.AsSpan(0, _end).TrimEnd('\r').ToString();
            _end = 0;
            return last;
        }
    }

    public void Dispose() => _text.Dispose();
}
