using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// Runs the members of batches on the thread that takes a host's step, and on compute threads that have nothing else to do. A turn is a
/// microsecond or a few, so nobody is woken for one: who helps stays and looks for the next batch until the step is over, or something else
/// is to be computed, or nothing has come for a while.
///
/// <code>
///   members   0  1  2  3  4  5  6  7
///   the step  ──►                ◄──  helpers
/// </code>
///
/// The thread of the step takes members from the beginning and helpers from the end, so that each mostly meets those again whose memory its core has cached.
/// </summary>
internal sealed class BatchHelp : IBatchRunner, IDisposable
{
    /// <summary>Members of a batch that another thread is worth while for.</summary>
    private const int LeastEach = 8;

    /// <summary>Of the members that are left a thread takes one in so many at a time.</summary>
    private const int Part = 4;

    /// <summary>How often a helper looks in vain before it goes: for about a tenth of a millisecond.</summary>
    private const int Patience = 4000;

    private readonly ComputeThreads _threads;
    private readonly Action _help;
    private readonly Lock _failing = new();
    private (int Index, ExceptionDispatchInfo Cause)? _failure;
    private MemberBatch? _batch;
    private Action<int>? _run;
    private volatile bool _isOver;
    private Apart _apart;

    /// <param name="threads">The compute threads.</param>
    public BatchHelp(ComputeThreads threads) => (_threads, _help) = (threads, Help);

    /// <inheritdoc/>
    public void Run(MemberBatch batch, Action<int> run)
    {
        var helpers = Volatile.Read(ref _apart.Helpers);
        if ((helpers + 2) * LeastEach <= batch.Count && TryAsk())
        {
            helpers++;
        }

        if (helpers == 0 || batch.Count < 2 * LeastEach)
        {
            OneByOne.Runner.Run(batch, run);
            return;
        }

        (_batch, _run, _apart.Helped) = (batch, run, 0);
        Volatile.Write(ref _apart.Left, (long)batch.Count << 32);
        var own = RunAll(fromEnd: false);
        var wait = new SpinWait();
        while (Volatile.Read(ref _apart.Helped) != batch.Count - own)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        if (_failure is { Cause: var cause })
        {
            _failure = null;
            cause.Throw();
        }
    }

    /// <summary>The step is over: who helps may go.</summary>
    public void Dispose() => _isOver = true;

    private bool TryAsk()
    {
        Interlocked.Increment(ref _apart.Helpers);
        if (_threads.TryRun(_help))
        {
            return true;
        }

        Interlocked.Decrement(ref _apart.Helpers);
        return false;
    }

    private void Help()
    {
        for (var looked = 0; looked < Patience && !_isOver && !_threads.AreWanted; looked++)
        {
            if (RunAll(fromEnd: true) is > 0 and var ran)
            {
                Interlocked.Add(ref _apart.Helped, ran);
                looked = 0;
            }
            else
            {
                Thread.SpinWait(1);
            }
        }

        Interlocked.Decrement(ref _apart.Helpers);
    }

    /// <summary>Runs members as long as any are left. It takes a part of those that are left at a time, so that threads seldom meet.</summary>
    /// <returns>How many it took.</returns>
    private int RunAll(bool fromEnd)
    {
        var ran = 0;
        for (var left = Volatile.Read(ref _apart.Left); (int)left < (int)(left >> 32);)
        {
            var (first, end) = ((int)left, (int)(left >> 32));
            var some = Math.Max(1, (end - first) / Part);
            var seen = Interlocked.CompareExchange(ref _apart.Left, fromEnd ? left - ((long)some << 32) : left + some, left);
            if (seen != left)
            {
                left = seen;
                continue;
            }

            // Whoever has taken some may rely on the batch: it is not over before these have run.
            for (var i = 0; i < some; i++)
            {
                Run(fromEnd ? end - 1 - i : first + i);
            }

            ran += some;
            left = Volatile.Read(ref _apart.Left);
        }

        return ran;
    }

    private void Run(int index)
    {
        try
        {
            if (_batch!.IsDue(index))
            {
                _run!(index);
            }
        }
#pragma warning disable CA1031 // It is thrown where the batch is run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_failing)
            {
                if (_failure is not { Index: var first } || index < first)
                {
                    _failure = (index, ExceptionDispatchInfo.Capture(e));
                }
            }
        }
    }

    /// <summary>What several threads write, each on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Apart
    {
        /// <summary>The members that nobody has taken yet: the first, and in the upper half the one behind the last.</summary>
        [FieldOffset(128)]
        public long Left;

        /// <summary>Members that helpers have run.</summary>
        [FieldOffset(256)]
        public int Helped;

        /// <summary>Helpers there are, or that were asked.</summary>
        [FieldOffset(384)]
        public int Helpers;
    }
}
