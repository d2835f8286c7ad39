using Reclaim.Model.Workloads;

namespace Reclaim.Model.Steps;

/// <summary>
/// Writes down beforehand what the jobs of a container will ask for, in the order in which they take turns: what the optimal
/// policy needs to know. Which order jobs would take in virtual time depends on what each access costs, and so on the policy;
/// under the optimal policy they take turns instead.
/// </summary>
internal static class Foresight
{
    /// <summary>Accesses that fit into memory beside everything else.</summary>
    public const long MaxAccesses = 1L << 28;

    /// <summary>Records the whole sequence.</summary>
    /// <returns>All pages in order, and for each job streams that repeat what was recorded of it.</returns>
    /// <exception cref="ArgumentException">A job has no end of its own, requests of other than a page, or the sequence is too long.</exception>
    public static (uint[] Trace, StreamPlan[][] Streams) Record(ContainerPlan plan, ReadOnlySpan<uint> fileBase)
    {
        var recorded = plan.Jobs.Select(job => job.Streams.Select(RecordStream).ToArray()).ToArray();
        var trace = new List<uint>();
        var cursors = plan.Jobs.Select((job, i) => new Job(job with { Streams = [.. recorded[i].Select(stream => stream.Plan())] }, new uint[plan.FilePages.Count])).ToArray();
        var turn = 0;
        var left = plan.Jobs.Count == 0 ? 0L : plan.Jobs[0].Turn;
        var running = cursors.Count(job => !job.Ended);
        while (running > 0)
        {
            var job = cursors[turn];
            while (left > 0 && !job.Ended)
            {
                var ready = job.Current.Ready();
                var count = (int)Math.Min(ready.Length, Math.Min(left, job.StreamBudget));
                var origin = fileBase[recorded[turn][Array.IndexOf(job.Streams, job.Current)].Source.File];
                foreach (var number in ready[..count])
                {
                    trace.Add(origin + (number & ~AccessSource.WriteBit));
                }

                if (count > 0)
                {
                    job.Current.Take(count);
                }

                job.Rotate(count);
                left -= count;
            }

            if (job.Ended)
            {
                running = cursors.Count(other => !other.Ended);
            }

            if (running > 0)
            {
                do
                {
                    turn = (turn + 1) % cursors.Length;
                }
                while (cursors[turn].Ended);
                left = plan.Jobs[turn].Turn;
            }
        }

        return ([.. trace], [.. recorded.Select(streams => streams.Select(stream => stream.Plan()).ToArray())]);
    }

    private static Recorded RecordStream(StreamPlan stream)
    {
        if (stream.Source.Length is not { } length || length > MaxAccesses)
        {
            throw new ArgumentException($"policy opt must know the whole sequence: each workload needs an end in accesses, at most {MaxAccesses}, not one in time");
        }

        if (stream.BlockBytes != 4096)
        {
            throw new ArgumentException("policy opt takes requests of 4 KiB only");
        }

        var blocks = new uint[length];
        var filled = 0;
        for (int some; filled < blocks.Length && (some = stream.Source.Fill(blocks.AsSpan(filled))) > 0;)
        {
            filled += some;
        }

        return new Recorded(stream, blocks);
    }

    private sealed record Recorded(StreamPlan Source, uint[] Blocks)
    {
        public StreamPlan Plan() => Source with { Source = new ListedSource(Blocks) };
    }
}
