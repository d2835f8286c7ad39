using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// A <see cref="Container"/> whose steps happen once each, whoever asks for them: its grain, or the coordinator on the same silo. One at a
/// time: whoever comes second waits.
/// </summary>
internal sealed class MemcgSteps(RunSpec spec, int host, int cgroup, Container container)
{
    private readonly Lock _turn = new();
    private readonly StepLog<Report> _runs = new();
    private readonly StepLog<ShrinkReport> _orders = new();
    private readonly Dictionary<string, long> _requests = new(StringComparer.Ordinal);

    private string Path => spec.Hosts[host].Cgroups[cgroup].Path;

    /// <summary>What a coordinator must know before the first step.</summary>
    public MemcgTerms Terms() => container.Terms(Path);

    /// <summary>Takes a batch of a trace.</summary>
    public void Feed(TraceBatch batch)
    {
        lock (_turn)
        {
            container.Feed(batch.Workload, batch.Sequence, batch.Pages);
        }
    }

    /// <summary>Runs as far as granted.</summary>
    /// <exception cref="StepRefusedException">The step is neither the last nor the next.</exception>
    /// <exception cref="StepFailedException">The model failed.</exception>
    public Report Run(StepId id, Grant grant)
    {
        lock (_turn)
        {
            if (_runs.Repeats(id, out var stored))
            {
                return stored;
            }

            try
            {
                return _runs.Record(id, container.Step(grant));
            }
            catch (Exception e)
            {
                _runs.Break(e);
                throw new StepFailedException($"{Path}: {e.Message}");
            }
        }
    }

    /// <summary>Reclaims on behalf of a limit above, or of the node.</summary>
    /// <inheritdoc cref="Run"/>
    public ShrinkReport Shrink(StepId id, ShrinkOrder order)
    {
        lock (_turn)
        {
            if (_orders.Repeats(id, out var stored))
            {
                return stored;
            }

            try
            {
                return _orders.Record(id, container.Step(order));
            }
            catch (Exception e)
            {
                _orders.Break(e);
                throw new StepFailedException($"{Path}: {e.Message}");
            }
        }
    }

    /// <summary>Writes or reads a control file, once.</summary>
    public ControlReply Control(ControlRequest request)
    {
        lock (_turn)
        {
            if (!_requests.TryGetValue(request.Id, out var at))
            {
                if (container.Done)
                {
                    throw new ArgumentException($"{request.Cgroup}: its workloads have ended");
                }

                at = container.Schedule(ControlMapping.ToModel(request.File), request.Value, request.Id);
                _requests.Add(request.Id, at);
            }

            return new ControlReply(at, ContainerFactory.Event(container, request.Id), container.Done);
        }
    }

    /// <summary>What it has come to.</summary>
    public CgroupResult Results()
    {
        lock (_turn)
        {
            return ContainerFactory.Results(container, spec, host, cgroup);
        }
    }
}
