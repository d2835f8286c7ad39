namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Replaces <c>template: NAME</c> in cgroups by what stands under <c>templates</c> at the top, the cgroup's own keys winning
/// (<see cref="DeepMerge"/>). A template may itself have one. What comes from a template is still known to be written there.
/// </summary>
internal sealed class Templates
{
    public const string Key = "template";
    public const string Table = "templates";

    private readonly ProblemLog _log;
    private readonly ScenarioMap? _table;
    private readonly Dictionary<string, ScenarioMap?> _resolved = new(StringComparer.Ordinal);

    /// <summary>Names being resolved, outermost first: one that comes twice is its own base.</summary>
    private readonly List<string> _open = [];

    private Templates(ScenarioMap root, ProblemLog log)
    {
        _log = log;
        var table = root.Find(Table);
        _table = table?.Value as ScenarioMap;
        if (table is not null && _table is null && table.Value is not ScenarioScalar { IsNull: true })
        {
            log.Error(table.Origin, Table, $"must be a mapping, not {table.Value.Kind}");
        }
    }

    /// <summary>Applies <c>--set</c> and templates: an option may change a template, and wins over one in a cgroup.</summary>
    public static void Apply(ScenarioMap root, IReadOnlyList<string> set, ProblemLog log)
    {
        SetOption.Apply(root, set.Where(IsOfTemplates));
        var templates = new Templates(root, log);
        templates.ExpandAll(root);
        SetOption.Apply(root, set.Where(assignment => !IsOfTemplates(assignment)));
        templates.ExpandAll(root);
        templates.WarnOfUnused();
    }

    private static bool IsOfTemplates(string assignment)
    {
        var path = assignment.Split('=', 2)[0].Trim();
        return path.StartsWith($"{Table}.", StringComparison.Ordinal) || path == Table || path.EndsWith($".{Key}", StringComparison.Ordinal);
    }

    private void ExpandAll(ScenarioMap root)
    {
        foreach (var (cgroups, path) in CgroupTree.Roots(root))
        {
            ExpandChildren(cgroups, path);
        }
    }

    private void ExpandChildren(ScenarioMap cgroups, string path)
    {
        for (var i = 0; i < cgroups.Entries.Count; i++)
        {
            var entry = cgroups.Entries[i];
            if (entry.Value is ScenarioMap cgroup)
            {
                cgroups.Entries[i] = entry with { Value = Expand(cgroup, KeyPath.Child(path, entry.Key)) };
            }
        }
    }

    /// <summary>The cgroup (or template) without <c>template</c>; the cgroups below it first, so that what they take wins over what it takes for them.</summary>
    private ScenarioMap Expand(ScenarioMap cgroup, string path)
    {
        if (CgroupTree.Below(cgroup) is { } below)
        {
            ExpandChildren(below, KeyPath.Child(path, CgroupTree.Key));
        }

        if (cgroup.Find(Key) is not { } taken)
        {
            return cgroup;
        }

        cgroup.Entries.Remove(taken);
        var key = KeyPath.Child(path, Key);
        switch (taken.Value)
        {
            case ScenarioScalar { IsNull: true }:
                return cgroup;
            case ScenarioScalar name:
                return Resolve(name.Text, taken.Origin, key) is { } body ? DeepMerge.Of(body, cgroup) : cgroup;
            default:
                _log.Error(taken.Origin, key, $"must be a template's name, not {taken.Value.Kind}");
                return cgroup;
        }
    }

    private ScenarioMap? Resolve(string name, Origin origin, string key)
    {
        if (_open.Contains(name))
        {
            _log.Error(origin, key, $"a template that takes itself: {string.Join(" → ", _open.SkipWhile(open => open != name))} → {name}");
            return null;
        }

        if (_resolved.TryGetValue(name, out var known))
        {
            return known;
        }

        var entry = _table?.Find(name);
        if (entry?.Value is not ScenarioMap body)
        {
            _log.Error(origin, key, entry is null
                ? $"no template '{name}'{Nearest.Suggestion(name, _table?.Entries.Select(other => other.Key) ?? [])}"
                : $"template '{name}' must be a mapping, not {entry.Value.Kind}");
            return null;
        }

        _open.Add(name);
        var resolved = Expand((ScenarioMap)body.Copy(), KeyPath.Child(Table, name));
        _open.RemoveAt(_open.Count - 1);
        return _resolved[name] = resolved;
    }

    private void WarnOfUnused()
    {
        foreach (var entry in _table?.Entries.Where(entry => !_resolved.ContainsKey(entry.Key)) ?? [])
        {
            _log.Warn(entry.Origin, KeyPath.Child(Table, entry.Key), "no cgroup takes this template, so nothing looks at what it says");
        }
    }
}
