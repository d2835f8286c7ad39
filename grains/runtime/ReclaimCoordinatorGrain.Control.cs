using Reclaim.Contracts.Steps;
using Reclaim.Model.Hierarchy;

namespace Reclaim.Grains;

/// <content>Limits of cgroups with others below them, written while they run.</content>
internal sealed partial class ReclaimCoordinatorGrain
{
    public Task<ControlReply> Control(ControlRequest request)
    {
        var (domain, node) = Find(request.Cgroup);
        var cgroup = domain.Tree.Nodes[node];
        if (!State.Requests.TryGetValue(request.Id, out var at))
        {
            if (domain.Done)
            {
                throw new ArgumentException($"{request.Cgroup}: the workloads below it have ended");
            }

            var file = ControlMapping.ToModel(request.File);
            if (SharedDomain.Problem(file, request.Value, kernel!) is { } problem)
            {
                throw new ArgumentException(problem);
            }

            at = domain.Schedule(node, file, request.Value, request.Id, request.AtNs);
            State.Requests.Add(request.Id, at);
        }

        var outcome = cgroup.Outcomes.FirstOrDefault(outcome => outcome.Id == request.Id);
        return Task.FromResult(new ControlReply(at, outcome is null ? null : ContainerFactory.Event(outcome), domain.Done));
    }

    private (SharedDomain Domain, int Node) Find(string path)
    {
        foreach (var domain in State.Time.Domains)
        {
            for (var node = 0; node < domain.Tree.Nodes.Count; node++)
            {
                if (domain.Tree.Nodes[node] is { Member: < 0 } cgroup && cgroup.Path == path)
                {
                    return (domain, node);
                }
            }
        }

        throw new ArgumentException($"{path}: the cgroups below it share no limit: begin with one, or with an event that writes one");
    }
}
