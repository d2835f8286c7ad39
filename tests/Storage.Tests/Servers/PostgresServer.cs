using System.Globalization;

namespace Reclaim.Storage.Tests.Servers;

/// <summary>PostgreSQL with a user of its own who has a password. It refuses to run as root, so that root runs it as <c>postgres</c>.</summary>
internal sealed class PostgresServer : LocalServer
{
    public const string Password = "not-to-be-seen";

    private bool initialized;

    public override string Connection => $"Host=127.0.0.1;Port={Port};Database=postgres;Username=reclaim;Password={Password}";

    protected override string Package => "postgresql";

    protected override string Ready => "database system is ready to accept connections";

    protected override string? Find() => Program("initdb") is null ? null : Program("postgres");

    protected override async Task<string[]> CommandAsync()
    {
        var data = Path.Combine(Folder, "data");
        if (!initialized)
        {
            var password = Path.Combine(Folder, "password");
            await File.WriteAllTextAsync(password, Password);
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", "-R", "postgres", Folder);
            }

            await RunAsync([.. AsUser, Program("initdb")!, "-D", data, "-U", "reclaim", "--auth=scram-sha-256", $"--pwfile={password}", "--no-sync"]);
            initialized = true;
        }

        return
        [
            .. AsUser, Program("postgres")!, "-D", data, "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_wal_size=256MB",

            // Killing processes loses nothing that was written; syncing everything at the next start takes seconds.
            "-c", "fsync=off",
        ];
    }

    private static string[] AsUser =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : [];

    private static string? Program(string name) => OnPath(name, Versions());

    private static IEnumerable<string> Versions() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
        : [];
}
