using Reclaim.Model.Pressure;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Pressure of cgroups that have others below them, up to the root of all: their tasks are those of all below.
///
/// <code>
///   changes of each container, as it reports them ──► by time, once nobody can be earlier ──► every group above it
/// </code>
///
/// Source: psi_task_change in kernel/sched/psi.c, v6.8, which goes up the cgroups with each change.
/// Simplified: on CPUs that containers share a task stays where it began; containers that have CPUs of their own bring them along.
/// </summary>
internal sealed class SharedPressure
{
    private const int FewChanges = 4096;

    private readonly MemcgTree _tree;
    private readonly int _cpus;
    private readonly PressureGroup?[] _groups;

    /// <summary>By cgroup, the CPUs of groups that its own are, as far as they are known.</summary>
    private readonly List<int>[] _cpuOf;
    private int _cpusKnown;
    private readonly List<Pending> _pending = [];
    private int _many = FewChanges;
    private long _number;

    /// <param name="tree">The cgroups.</param>
    /// <param name="cpus">CPUs that their containers share; 0: each has its own.</param>
    public SharedPressure(MemcgTree tree, int cpus)
    {
        (_tree, _cpus) = (tree, cpus);
        _cpuOf = [.. tree.Nodes.Select(_ => new List<int>())];
        _groups = [.. tree.Nodes.Select(node => node.Member < 0 ? new PressureGroup(cpus) { OpenNs = long.MaxValue } : null)];
    }

    /// <summary>Tasks of a container have changed their states.</summary>
    /// <param name="node">Index of its cgroup.</param>
    /// <param name="changes">How.</param>
    /// <returns>Whether it is time to <see cref="Settle"/>.</returns>
    public bool Took(int node, IReadOnlyList<StateChange> changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            var from = Cpu(node, change.FromCpu);
            var to = change.ToCpu == change.FromCpu ? from : Cpu(node, change.ToCpu);
            _pending.Add(new Pending(change with { FromCpu = from, ToCpu = to }, node, _number++));
        }

        return _pending.Count >= _many;
    }

    /// <summary>Hands on what is certain to be in order.</summary>
    /// <param name="earliestNs">Nobody will report a change before.</param>
    public void Settle(long earliestNs)
    {
        _pending.Sort();
        var known = 0;
        while (known < _pending.Count && _pending[known].Change.AtNs < earliestNs)
        {
            Add(_groups, _pending[known++]);
        }

        _pending.RemoveRange(0, known);
        _many = Math.Max(FewChanges, 2 * _pending.Count);
    }

    /// <summary>What the files of a group show.</summary>
    /// <param name="node">Index of its cgroup.</param>
    /// <param name="nowNs">When they are read. That leaves no trace.</param>
    public (PressureFigures Memory, PressureFigures Io, PressureFigures Cpu) Figures(int node, long nowNs)
    {
        var copies = new PressureGroup?[_groups.Length];
        var group = copies[node] = _groups[node]!.Copy();
        foreach (var change in _pending.Order().TakeWhile(change => change.Change.AtNs <= nowNs))
        {
            Add(copies, change);
        }

        group.Collect(nowNs);
        return (group.Figures(PressureResource.Memory), group.Figures(PressureResource.Io), group.Figures(PressureResource.Cpu));
    }

    private void Add(PressureGroup?[] groups, Pending pending)
    {
        for (var above = _tree.Nodes[pending.Node].Parent; above >= 0; above = _tree.Nodes[above].Parent)
        {
            groups[above]?.Add(pending.Change);
        }
    }

    private int Cpu(int node, int cpu)
    {
        if (_cpus != 0)
        {
            return (node + cpu) % _cpus;
        }

        var known = _cpuOf[node];
        while (known.Count <= cpu)
        {
            known.Add(_cpusKnown++);
            foreach (var group in _groups)
            {
                group?.AddCpu();
            }
        }

        return known[cpu];
    }

    private readonly record struct Pending(StateChange Change, int Node, long Number) : IComparable<Pending>
    {
        public int CompareTo(Pending other) => Change.AtNs != other.Change.AtNs ? Change.AtNs.CompareTo(other.Change.AtNs) : Number.CompareTo(other.Number);
    }
}
