using System.Diagnostics;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains;

/// <summary>
/// What becomes of one run in silos, as spans. All of them belong to the span of whoever started the run, also after the loss of the silo that
/// drove it; the first begins a trace if there was none. Nobody who listens: none is made.
/// </summary>
/// <param name="run">Name of the run.</param>
/// <param name="stepsPerSpan">Of so many steps of a host one is a span; 0: none.</param>
internal sealed class RunSpans(string run, int stepsPerSpan)
{
    /// <summary>Name of their source.</summary>
    public const string Name = "Reclaim.Silo";

    /// <summary>How the context of W3C travels with a grain call: Orleans' propagation reads it.</summary>
    private const string Header = "traceparent";

    private static readonly ActivitySource _source = new(Name);

    /// <summary>What the spans of the run belong to, as W3C writes it; null: nothing yet.</summary>
    public string? Parent { get; set; }

    /// <summary>Begins a span; grain calls that are made until it ends belong to it.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="host">To which host; null: to all.</param>
    /// <returns>Null: nobody listens, or this run is not sampled.</returns>
    public Activity? Begin(string name, string? host = null)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        if (!ActivityContext.TryParse(Parent, traceState: null, isRemote: true, out var parent) && Activity.Current is { Recorded: false, ParentId: null })
        {
            // A call of somebody who traces nothing: what he does not want to know of his call says nothing of the run.
            Activity.Current = null;
        }

        var span = _source.StartActivity(name, ActivityKind.Internal, parent);
        if (span is not null)
        {
            Parent ??= span.ParentId ?? span.Id;
            span.SetTag("reclaim.run", run);
            if (host is not null)
            {
                span.SetTag("reclaim.host", host);
            }
        }

        return span;
    }

    /// <summary>The same, but grain calls that are made meanwhile are no spans: there are as many as cgroups, or go on as long as the run.</summary>
    public Activity? BeginAlone(string name, string? host = null)
    {
        var span = Begin(name, host);
        Untraced();
        return span;
    }

    /// <summary>Begins the span of a step, if it is one of those that are shown.</summary>
    public Activity? BeginStep(StepId id, string host)
    {
        if (stepsPerSpan == 0 || !_source.HasListeners() || id.Step % stepsPerSpan != 1 % stepsPerSpan)
        {
            return null;
        }

        var span = Begin("step", host);
        span?.SetTag("reclaim.step", id.Step);
        span?.SetTag("reclaim.shown_one_of", stepsPerSpan);
        return span;
    }

    /// <summary>Grain calls that the calling method makes from here on are in the same trace, and not recorded.</summary>
    public static void Untraced()
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } span)
        {
            // It is what is current until that method returns: nobody stops it, and nobody is told of it.
            var unrecorded = new Activity("unrecorded").SetParentId(span.TraceId, span.SpanId, ActivityTraceFlags.None).Start();
            RequestContext.Set(Header, unrecorded.Id!);
        }
    }
}
