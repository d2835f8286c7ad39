using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Reclaim.Silo.Storage;

/// <summary>fsync(2) of a directory: until then, a name that was made, changed or removed in it may be lost by a crash of the machine.</summary>
internal static class DirectorySync
{
    /// <exception cref="IOException">The device failed.</exception>
    /// <exception cref="DirectoryNotFoundException">It is gone.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no directories.
        var descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), 0);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error == NoSuchFile
                ? new DirectoryNotFoundException($"'{path}' is gone")
                : new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}");
        }

        using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(directory);
    }

    private const int NoSuchFile = 2;

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
