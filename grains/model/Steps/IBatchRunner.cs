using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Steps;

/// <summary>Who carries out what the members of a batch are to do: in any order, on as many threads as it likes. The outcome is the same.</summary>
public interface IBatchRunner
{
    /// <summary>Runs all that are due, and comes back when they have run.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="run">Runs one of them, by its index.</param>
    void Run(MemberBatch batch, Action<int> run);
}

/// <summary>One after the other, in the order of the scenario.</summary>
public sealed class OneByOne : IBatchRunner
{
    /// <summary>It has no state.</summary>
    public static OneByOne Runner { get; } = new();

    private OneByOne()
    {
    }

    /// <inheritdoc/>
    public void Run(MemberBatch batch, Action<int> run)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.IsDue(i))
            {
                run(i);
            }
        }
    }
}
