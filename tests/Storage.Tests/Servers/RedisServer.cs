using System.Globalization;

namespace Reclaim.Storage.Tests.Servers;

/// <summary>Redis with a password.</summary>
/// <param name="appendfsync">When what it appends to its file is on the disk: always (before it answers), everysec, no; null: it appends nothing.</param>
internal sealed class RedisServer(string? appendfsync = "always") : LocalServer
{
    public const string Password = "not-to-be-seen";

    public override string Connection => $"127.0.0.1:{Port},password={Password}";

    protected override string Package => "redis-server";

    protected override string Ready => "Ready to accept connections";

    protected override string? Find() => OnPath("redis-server");

    protected override Task<string[]> CommandAsync() => Task.FromResult<string[]>(
    [
        Find()!, "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password, "--dir", Folder,
        "--appendonly", appendfsync is null ? "no" : "yes", "--appendfsync", appendfsync ?? "no", "--save", "",
    ]);
}
