using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>A call to a member of a domain: to run, or to be reclaimed from.</summary>
/// <param name="Index">Which of the members.</param>
/// <param name="Member">Number of its container.</param>
/// <param name="Grant">What it is granted, if it is to run.</param>
/// <param name="Order">What it is ordered, if not.</param>
public sealed record SharedCall(int Index, int Member, Grant? Grant, ShrinkOrder? Order)
{
    /// <summary>Members that are to run, at the same time or one after the other; null: it is one that is called.</summary>
    public MemberBatch? Batch { get; init; }
}
