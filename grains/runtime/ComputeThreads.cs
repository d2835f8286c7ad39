using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>
/// The threads on which containers run: as many as processors, shared by all silos of the process and apart from the thread pool,
/// so that Orleans answers probes and progress calls under full load.
/// </summary>
internal sealed class ComputeThreads
{
    private readonly BlockingCollection<Action> work = [];
    private readonly int count;

    /// <summary>Computations that are under way, and those that wait for a thread.</summary>
    private int busy;

    /// <inheritdoc cref="busy"/>
    private int waiting;

    private ComputeThreads(int count)
    {
        this.count = count;
        for (var i = 0; i < count; i++)
        {
            new Thread(Loop) { IsBackground = true, Name = $"compute {i}" }.Start();
        }
    }

    /// <summary>The threads of this process.</summary>
    public static ComputeThreads Shared { get; } = new(Environment.ProcessorCount);

    /// <summary>Runs a computation; the awaiting grain goes on in its own turn afterwards.</summary>
    public Task<T> Run<T>(Func<T> computation)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(() =>
        {
            try
            {
                completion.SetResult(computation());
            }
#pragma warning disable CA1031 // Whatever it is belongs to the grain that awaits, not to this thread.
            catch (Exception e)
            {
                completion.SetException(e);
            }
#pragma warning restore CA1031
        });
        return completion.Task;
    }

    /// <summary>Whether something waits for a thread.</summary>
    public bool AreWanted => Volatile.Read(ref waiting) != 0;

    /// <summary>Has a thread that is idle do something, if there is one.</summary>
    /// <param name="computation">Does not throw.</param>
    public bool TryRun(Action computation)
    {
        if (Volatile.Read(ref busy) + Volatile.Read(ref waiting) >= count)
        {
            return false;
        }

        Add(computation);
        return true;
    }

    private void Add(Action computation)
    {
        Interlocked.Increment(ref waiting);
        work.Add(computation);
    }

    private void Loop()
    {
        foreach (var computation in work.GetConsumingEnumerable())
        {
            Interlocked.Increment(ref busy);
            Interlocked.Decrement(ref waiting);
            computation();
            Interlocked.Decrement(ref busy);
        }
    }
}
