namespace Reclaim.Silo.Security;

/// <summary>Has calls from outside grains carry the cluster's secret: those of a client, and those that a silo makes of itself.</summary>
internal sealed class SecretStamp(string secret) : IOutgoingGrainCallFilter
{
    /// <summary>Where it stands in the context of a request.</summary>
    public const string Key = "reclaim.secret";

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.SourceId is null || context.SourceId.Value.IsClient())
        {
            RequestContext.Set(Key, secret);
        }

        return context.Invoke();
    }
}
