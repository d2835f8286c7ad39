using System.Numerics;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Members of a domain that nothing brings together before each has come to the end of what it was granted: they may run in any order, and at
/// the same time. Each has a part of the pages that are left of its node, so that all together cannot take more.
///
/// A step that ends in the middle changes nothing: whoever was cut off by its accesses goes on in the next one, as far as it had been granted,
/// before anybody else does anything.
/// </summary>
public sealed class MemberBatch
{
    private readonly Entry[] _entries;

    /// <summary>A bit for each member that is in it.</summary>
    private readonly ulong[] _members;

    private readonly SharedDomain _domain;

    internal MemberBatch(SharedDomain domain, int members) => (_domain, _entries, _members) = (domain, new Entry[members], new ulong[members / 64 + 1]);

    /// <summary>How many they are.</summary>
    public int Count { get; private set; }

    /// <summary>Number of the container of one.</summary>
    public int Member(int index) => _domain.NumberOf(_entries[index].Member);

    /// <summary>What it is granted.</summary>
    public Grant Grant(int index) => _domain.GrantFor(_entries[index]);

    /// <summary>Whether it is to run, and has not yet said what it did.</summary>
    public bool IsDue(int index) => _entries[index] is { IsOver: false, HasRun: false };

    /// <summary>It has run. May be said of several at the same time.</summary>
    public void Ran(int index, in Report report)
    {
        ref var entry = ref _entries[index];
        entry.Report = report;
        entry.HasRun = true;
    }

    internal ref Entry this[int index] => ref _entries[index];

    /// <summary>Adds a member.</summary>
    internal void Add(int member) => _members[member / 64] |= 1UL << (member % 64);

    /// <summary>They are all: now they stand in the order of the scenario.</summary>
    internal void Begin()
    {
        for (var word = 0; word < _members.Length; word++)
        {
            for (; _members[word] != 0; _members[word] &= _members[word] - 1)
            {
                ref var entry = ref _entries[Count++];
                entry.Member = 64 * word + BitOperations.TrailingZeroCount(_members[word]);
                (entry.HasRun, entry.IsOver, entry.Refilled, entry.Offline, entry.Pressure) = (false, false, false, false, null);
            }
        }
    }

    /// <summary>It is over.</summary>
    internal void Clear() => Count = 0;

    /// <summary>One of them.</summary>
    internal struct Entry
    {
        /// <summary>Which of the members.</summary>
        public int Member;

        /// <summary>Virtual time it may come to.</summary>
        public long UntilNs;

        /// <summary>What is left of the pages it may take from its node.</summary>
        public long Pages;

        /// <summary>Classic only: the cgroups above as it knows them: as they were when the batch began, and as it made them itself.</summary>
        public ListState[] Above;

        public Report Report;
        public bool HasRun;

        /// <summary>Whether it has come as far as it may.</summary>
        public bool IsOver;

        /// <summary>What it did that goes by the order of members, and waits for the end of the batch: filled its stock, was removed, what its tasks were at.</summary>
        public bool Refilled;

        /// <inheritdoc cref="Refilled"/>
        public bool Offline;

        /// <inheritdoc cref="Refilled"/>
        public IReadOnlyList<StateChange>? Pressure;
    }
}
