namespace Reclaim.Silo.Storage;

/// <summary>Where a cluster keeps what outlives its silos: section <c>Reclaim:Storage</c> of the configuration.</summary>
public sealed record RunStoreOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Reclaim:Storage";

    /// <summary>Files in a folder that all silos see: <see cref="FileRunStore"/>.</summary>
    public const string Files = "files";

    /// <summary>A Redis server: <see cref="RedisRunStore"/>.</summary>
    public const string Redis = "redis";

    /// <summary>A PostgreSQL server: <see cref="PostgresRunStore"/>.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>What <see cref="Kind"/> may be.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Files, Redis, PostgreSql];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; init; } = Files;

    /// <summary>For <see cref="Files"/>: the folder.</summary>
    public string? Folder { get; init; }

    /// <summary>For the servers: how to reach them, as StackExchange.Redis or Npgsql takes it. May hold a password: never printed.</summary>
    public string? Connection { get; init; }

    /// <summary>Without the connection's secrets.</summary>
    public override string ToString() => Kind == Files ? $"{Kind} {Folder}" : Kind;
}
