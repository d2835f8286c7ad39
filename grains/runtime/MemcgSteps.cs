using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// A <see cref="Container"/> whose steps happen once each, whoever asks for them: its grain, or the coordinator on the same silo. One at a
/// time: whoever comes second waits.
/// </summary>
internal sealed class MemcgSteps(RunSpec spec, int host, int cgroup, MemcgState state, bool keepsTraces)
{
    private readonly Lock _turn = new();
    private readonly TraceFeeds _feeds = new(state.Container, keepsTraces);

    private Container Container => state.Container;

    private string Path => spec.Hosts[host].Cgroups[cgroup].Path;

    /// <summary>What a coordinator must know before the first step.</summary>
    public MemcgTerms Terms() => Container.Terms(Path);

    /// <summary>Takes a batch of a trace.</summary>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    public FeedReply Feed(TraceBatch batch)
    {
        lock (_turn)
        {
            return _feeds.Take(batch);
        }
    }

    /// <summary>How far a trace has come.</summary>
    /// <inheritdoc cref="Feed"/>
    public FeedReply Fed(int workload, string? feeder)
    {
        lock (_turn)
        {
            return _feeds.Standing(workload, feeder);
        }
    }

    /// <inheritdoc cref="Container.Supply"/>
    public long Supply()
    {
        lock (_turn)
        {
            return Container.Supply;
        }
    }

    /// <summary>Runs as far as granted.</summary>
    /// <returns>What that came to, until the next step: it is large, and a turn may be as short as a microsecond.</returns>
    /// <exception cref="StepRefusedException">The step is neither the last nor the next.</exception>
    /// <exception cref="StepFailedException">The model failed.</exception>
    public ref readonly Report Run(StepId id, in Grant grant)
    {
        lock (_turn)
        {
            if (state.Runs.Repeats(id))
            {
                return ref state.Runs.Report;
            }

            try
            {
                return ref state.Runs.Record(id, Container.Step(grant));
            }
            catch (Exception e)
            {
                state.Runs.Break(e);
                throw new StepFailedException($"{Path}: {e.Message}");
            }
        }
    }

    /// <summary>Reclaims on behalf of a limit above, or of the node.</summary>
    /// <inheritdoc cref="Run"/>
    public ref readonly ShrinkReport Shrink(StepId id, ShrinkOrder order)
    {
        lock (_turn)
        {
            if (state.Orders.Repeats(id))
            {
                return ref state.Orders.Report;
            }

            try
            {
                return ref state.Orders.Record(id, Container.Step(order));
            }
            catch (Exception e)
            {
                state.Orders.Break(e);
                throw new StepFailedException($"{Path}: {e.Message}");
            }
        }
    }

    /// <summary>Writes or reads a control file, once.</summary>
    public ControlReply Control(ControlRequest request)
    {
        lock (_turn)
        {
            if (!state.Requests.TryGetValue(request.Id, out var at))
            {
                if (Container.Done)
                {
                    throw new ArgumentException($"{request.Cgroup}: its workloads have ended");
                }

                at = request.AtNs is { } known
                    ? Container.Schedule(known, ControlMapping.ToModel(request.File), request.Value, request.Id)
                    : Container.Schedule(ControlMapping.ToModel(request.File), request.Value, request.Id);
                state.Requests.Add(request.Id, at);
            }

            return new ControlReply(at, ContainerFactory.Event(Container, request.Id), Container.Done);
        }
    }

    /// <summary>What it has come to.</summary>
    public CgroupResult Results()
    {
        lock (_turn)
        {
            return ContainerFactory.Results(Container, spec, host, cgroup);
        }
    }

    /// <summary>How it stands.</summary>
    /// <param name="depth">How much of it is wanted.</param>
    public MemcgView View(ViewDepth depth)
    {
        lock (_turn)
        {
            return ContainerFactory.View(Container, spec, host, cgroup, depth);
        }
    }

    /// <summary>Does something with the states of memcgs while none of them changes.</summary>
    /// <param name="memcgs">The memcgs; null for one that is elsewhere.</param>
    /// <param name="with">Gets their states.</param>
    public static T Holding<T>(IReadOnlyList<MemcgSteps?> memcgs, Func<MemcgState?[], T> with) => Holding(memcgs, 0, with);

    /// <summary>What was saved last is in the store: the traces up to there need not be sent again.</summary>
    public void Kept()
    {
        lock (_turn)
        {
            _feeds.Kept();
        }
    }

    private static T Holding<T>(IReadOnlyList<MemcgSteps?> memcgs, int from, Func<MemcgState?[], T> with)
    {
        if (from == memcgs.Count)
        {
            return with([.. memcgs.Select(memcg => memcg?.Saved())]);
        }

        if (memcgs[from] is not { } memcg)
        {
            return Holding(memcgs, from + 1, with);
        }

        lock (memcg._turn)
        {
            return Holding(memcgs, from + 1, with);
        }
    }

    private MemcgState Saved()
    {
        _feeds.Saved();
        return state;
    }
}
