namespace Reclaim.Silo.Storage;

/// <summary>
/// What must happen at once on the server (<see cref="RedisRunStore"/> shows the keys). Each takes the keys of runs and of the run's items, the
/// beginning of its chunks' keys, and the name of the run.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// Makes written chunks the item, unless a write that began later has done so. Arguments from the third: item, version, number of chunks,
    /// length, seconds that readers of the old chunks have. 0 if some chunk is gone.
    /// </summary>
    public const string Publish = Chunks + """

        local item, version, count, length = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
        for number = 0, count - 1 do
            if redis.call('EXISTS', chunk(item, version, number)) == 0 then return 0 end
        end
        local old = redis.call('HGET', KEYS[2], item)
        if old and version_of(old) > version then
            discard(item, version .. ' ' .. count, 0)
            return 1
        end
        for number = 0, count - 1 do redis.call('PERSIST', chunk(item, version, number)) end
        redis.call('HSET', KEYS[2], item, version .. ' ' .. count .. ' ' .. length)
        redis.call('SADD', KEYS[1], ARGV[2])
        if old then discard(item, old, tonumber(ARGV[7])) end
        return 1
        """;

    /// <summary>What the item is, and its chunk if it has but one. Argument: item.</summary>
    public const string Read = Chunks + """

        local now = redis.call('HGET', KEYS[2], ARGV[3])
        if not now then return {} end
        if count_of(now) ~= 1 then return { now } end
        return { now, redis.call('GET', chunk(ARGV[3], version_of(now), 0)) }
        """;

    /// <summary>Removes items. Arguments: their names.</summary>
    public const string Delete = Chunks + """

        for argument = 3, #ARGV do remove(ARGV[argument]) end
        if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('SREM', KEYS[1], ARGV[2]) end
        """;

    /// <summary>Removes the run.</summary>
    public const string DeleteRun = Chunks + """

        for _, item in ipairs(redis.call('HKEYS', KEYS[2])) do remove(item) end
        redis.call('SREM', KEYS[1], ARGV[2])
        """;

    private const string Chunks = """
        local function chunk(item, version, number) return ARGV[1] .. item .. ':' .. version .. ':' .. number end
        local function version_of(entry) return tonumber(string.match(entry, '^%d+')) end
        local function count_of(entry) return tonumber(string.match(entry, '^%d+ (%d+)')) end
        local function discard(item, entry, seconds)
            for number = 0, count_of(entry) - 1 do
                local key = chunk(item, version_of(entry), number)
                if seconds > 0 then redis.call('EXPIRE', key, seconds) else redis.call('UNLINK', key) end
            end
        end
        local function remove(item)
            local entry = redis.call('HGET', KEYS[2], item)
            if entry then
                discard(item, entry, 0)
                redis.call('HDEL', KEYS[2], item)
            end
        end
        """;
}
