namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Paths of scenario keys, <c>host.cgroups.bench.memory.max</c> or <c>host.cgroups.bench.workloads[0].fio.bs</c>. Keys may hold
/// dots themselves, so a path is resolved against a tree: at each mapping the longest key that fits is taken.
/// List elements are written <c>[0]</c> or <c>.0</c>.
/// </summary>
internal static class KeyPath
{
    /// <summary>Keys with dots that a path may create; any other new key ends at its first dot.</summary>
    private static readonly string[] _dottedKeys =
    [
        "memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.max", "memory.zswap.max", "memory.zswap.writeback", "memory.oom.group",
        "cpuset.mems", "cpuset.cpus", "cpu.max", "cpu.weight", "io.max",
        "vm.dirty_ratio", "vm.dirty_background_ratio", "vm.dirty_bytes", "vm.dirty_background_bytes", "vm.dirty_expire_centisecs", "vm.dirty_writeback_centisecs",
    ];

    public static string Child(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    public static string Item(string path, int index) => $"{path}[{index}]";

    /// <summary>Where the deepest part of the path that exists was written, and the path as the user wrote it.</summary>
    public static (Origin Origin, string Path) Locate(ScenarioMap root, string path)
    {
        ScenarioNode node = root;
        var origin = root.Origin;
        var rest = path;
        var written = "";
        while (rest.Length > 0)
        {
            if (node is ScenarioMap map && Longest(map, rest) is { } entry)
            {
                written = entry.WrittenAs ?? Child(written, entry.Key);
                (node, origin, rest) = (entry.Value, entry.Origin, After(rest, entry.Key.Length));
            }
            else if (node is ScenarioList list && TakeIndex(rest, out var index, out var next) && index < list.Items.Count)
            {
                written = Item(written, index);
                (node, origin, rest) = (list.Items[index], list.Items[index].Origin, next);
            }
            else
            {
                written = rest.StartsWith('[') ? written + rest : Child(written, rest);
                break;
            }
        }

        return (origin, written);
    }

    /// <summary>Says that a path is about a cgroup that is not there, which to set a key of would make one that does nothing.</summary>
    /// <returns>Null if it is there, or may come from a template.</returns>
    public static string? Missing(ScenarioMap root, string path)
    {
        ScenarioNode node = root;
        var (rest, above) = (path, "");
        while (rest.Length > 0)
        {
            if (node is ScenarioMap map && Longest(map, rest) is { } entry)
            {
                (node, rest, above) = (entry.Value, After(rest, entry.Key.Length), entry.Key);
                if (node is ScenarioMap cgroup && cgroup.Find(Templates.Key) is not null)
                {
                    return null;
                }
            }
            else if (node is ScenarioList list && TakeIndex(rest, out var index, out var next) && index < list.Items.Count)
            {
                (node, rest) = (list.Items[index], next);
            }
            else
            {
                var name = NewKey(above, rest);
                return above == CgroupTree.Key && node is ScenarioMap cgroups
                    ? $"no cgroup '{name}'{Nearest.Suggestion(name, cgroups.Entries.Select(one => one.Key))}"
                    : null;
            }
        }

        return null;
    }

    /// <summary>Sets a value by path, making the mappings on the way that don't exist yet.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Set(ScenarioMap root, string path, Origin origin, ScenarioNode value)
    {
        ScenarioNode node = root;
        var rest = path;
        var above = "";
        while (true)
        {
            switch (node)
            {
                case ScenarioMap map:
                    var known = Longest(map, rest);
                    var key = known?.Key ?? NewKey(above, rest);
                    if (key.Length == 0)
                    {
                        return "an empty key in the path";
                    }

                    var after = After(rest, key.Length);
                    if (after.Length == 0)
                    {
                        Put(map, new ScenarioEntry(key, origin, value));
                        return null;
                    }

                    if (known is null || known.Value is ScenarioScalar { IsNull: true })
                    {
                        known = new ScenarioEntry(key, origin, new ScenarioMap(origin));
                        Put(map, known);
                    }

                    (node, rest, above) = (known.Value, after, key);
                    break;

                case ScenarioList list:
                    if (!TakeIndex(rest, out var index, out var next))
                    {
                        return $"'{above}' is a list: an element's number must follow, not '{rest}'";
                    }

                    if (index >= list.Items.Count)
                    {
                        return $"'{above}' has no element {index} (it has {list.Items.Count}, counted from 0)";
                    }

                    if (next.Length == 0)
                    {
                        list.Items[index] = value;
                        return null;
                    }

                    (node, rest) = (list.Items[index], next);
                    break;

                default:
                    return $"'{above}' is a single value, it has no '{rest}' below it";
            }
        }
    }

    private static void Put(ScenarioMap map, ScenarioEntry entry)
    {
        var at = map.Entries.FindIndex(e => e.Key == entry.Key);
        if (at >= 0)
        {
            map.Entries[at] = entry;
        }
        else
        {
            map.Entries.Add(entry);
        }
    }

    private static ScenarioEntry? Longest(ScenarioMap map, string rest) =>
        map.Entries.Where(entry => Begins(rest, entry.Key)).MaxBy(entry => entry.Key.Length);

    private static string NewKey(string above, string rest)
    {
        if (above is "rules" or "costs")
        {
            return rest;
        }

        if (Array.Find(_dottedKeys, key => Begins(rest, key)) is { } dotted)
        {
            return dotted;
        }

        var end = rest.IndexOfAny(['.', '[']);
        return end < 0 ? rest : rest[..end];
    }

    private static bool Begins(string rest, string key) =>
        rest.StartsWith(key, StringComparison.Ordinal) && (rest.Length == key.Length || rest[key.Length] is '.' or '[');

    private static string After(string rest, int length)
    {
        if (rest.Length == length)
        {
            return "";
        }

        return rest[length] == '.' ? rest[(length + 1)..] : rest[length..];
    }

    private static bool TakeIndex(string rest, out int index, out string next)
    {
        var bracketed = rest.StartsWith('[');
        var start = bracketed ? 1 : 0;
        var end = start;
        while (end < rest.Length && char.IsAsciiDigit(rest[end]))
        {
            end++;
        }

        next = "";
        if (!int.TryParse(rest[start..end], out index) || (bracketed && (end >= rest.Length || rest[end] != ']')))
        {
            return false;
        }

        var after = bracketed ? end + 1 : end;
        if (after < rest.Length && rest[after] is not ('.' or '['))
        {
            return false;
        }

        next = After(rest, after);
        return true;
    }
}
