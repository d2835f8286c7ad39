using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>
/// The threads on which containers run: as many as processors, shared by all silos of the process and apart from the thread pool,
/// so that Orleans answers probes and progress calls under full load.
/// </summary>
internal sealed class ComputeThreads
{
    private readonly BlockingCollection<Action> work = [];

    private ComputeThreads(int count)
    {
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
        work.Add(() =>
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

    private void Loop()
    {
        foreach (var computation in work.GetConsumingEnumerable())
        {
            computation();
        }
    }
}
