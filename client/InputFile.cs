namespace Reclaim.Client;

/// <summary>Opens what the user named; what goes wrong is said in one line that names the file.</summary>
internal static class InputFile
{
    private const long MaxTextBytes = 16 << 20;

    public static string ReadText(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new InputException($"{path}: is a directory, not a file");
            }

            if (new FileInfo(path) is { Exists: true, Length: > MaxTextBytes })
            {
                throw new InputException($"{path}: larger than {Units.Size(MaxTextBytes)}, too large for a text that is read whole");
            }

            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException($"{path}: permission denied");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
