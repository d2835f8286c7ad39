using System.Text.Json;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>
/// The file that <c>--results</c>, or another option, names. It appears whole or not at all: written beside itself under another name, flushed
/// to the disk, then renamed. Whether that can work is found out before the run.
/// </summary>
internal sealed class ResultFile
{
    private readonly string _option;
    private readonly string _given;
    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _isDevice;

    private ResultFile(string given, string option)
    {
        (_option, _given) = (option, given);
        var full = Path.GetFullPath(given);
        _path = File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
        _isDevice = _path.StartsWith("/dev/", StringComparison.Ordinal);
        _temporary = Path.Combine(Path.GetDirectoryName(_path) ?? ".", $".{Path.GetFileName(_path)}.{Environment.ProcessId}.tmp");
    }

    /// <summary>Checks that the file can be written, and returns null if none is asked for.</summary>
    /// <exception cref="InputException">The folder does not exist, or the name is a folder's.</exception>
    /// <exception cref="RunFailedException">The folder cannot be written to.</exception>
    public static ResultFile? Prepare(string? path, string option = "--results")
    {
        if (path is null)
        {
            return null;
        }

        if (path.Length == 0 || Directory.Exists(path))
        {
            throw new InputException($"{option} {path}: {(path.Length == 0 ? "needs a file name" : "is a directory, not a file")}");
        }

        var file = new ResultFile(path, option);
        if (!Directory.Exists(Path.GetDirectoryName(file._path)))
        {
            throw new InputException($"{option} {path}: no such folder");
        }

        if (!file._isDevice)
        {
            file.Guarded(() =>
            {
                using (new FileStream(file._temporary, FileMode.Create, FileAccess.Write))
                {
                }

                File.Delete(file._temporary);
            });
        }

        return file;
    }

    public void Write<T>(T value)
    {
        WriteBytes(new ReadOnlyMemory<byte>([.. JsonSerializer.SerializeToUtf8Bytes(value, ResultDigest.IndentedJson), (byte)'\n']));
    }

    public void WriteText(string text) => WriteBytes(System.Text.Encoding.UTF8.GetBytes(text));

    public void WriteBytes(ReadOnlyMemory<byte> content)
    {
        Guarded(() =>
        {
            using (var stream = new FileStream(_isDevice ? _path : _temporary, _isDevice ? FileMode.Open : FileMode.Create, FileAccess.Write))
            {
                stream.Write(content.Span);
                stream.Flush(flushToDisk: !_isDevice);
            }

            if (!_isDevice)
            {
                File.Move(_temporary, _path, overwrite: true);
            }
        });
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isDevice)
            {
                Discard();
            }

            var reason = e is UnauthorizedAccessException ? "permission denied" : e.Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new RunFailedException($"{_option} {_given}: could not be written: {reason}");
        }
    }

    private void Discard()
    {
        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report.
        }
    }
}
