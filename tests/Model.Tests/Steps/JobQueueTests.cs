using CsCheck;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Whose turn it is, against sorting the jobs each time.</summary>
public class JobQueueTests
{
    [Fact]
    public void First_is_the_earliest_clock_and_among_equals_the_lower_number() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 20], Gen.Int[0, 6].Array[0, 200]).Sample((clocks, steps) =>
        {
            var queue = new JobQueue(clocks.Length);
            var jobs = new List<(long Clock, int Job)>();
            for (var job = 0; job < clocks.Length; job++)
            {
                queue.Add(job, clocks[job]);
                jobs.Add((clocks[job], job));
            }

            foreach (var step in steps.TakeWhile(_ => jobs.Count > 0))
            {
                jobs.Sort();
                Assert.Equal(jobs.Count, queue.Count);
                Assert.Equal(jobs[0], (queue.FirstClock, queue.First));
                if (step == 6)
                {
                    queue.RemoveFirst();
                    jobs.RemoveAt(0);
                }
                else
                {
                    queue.AdvanceFirst(jobs[0].Clock + step);
                    jobs[0] = (jobs[0].Clock + step, jobs[0].Job);
                }
            }
        });

    [Fact]
    public void A_job_can_be_taken_out_wherever_it_is() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 20], Gen.Int[0, 19].Array[0, 20]).Sample((clocks, gone) =>
        {
            var queue = new JobQueue(clocks.Length);
            for (var job = 0; job < clocks.Length; job++)
            {
                queue.Add(job, clocks[job]);
            }

            Array.ForEach(gone, queue.Remove);
            foreach (var job in Enumerable.Range(0, clocks.Length).Except(gone).OrderBy(job => (clocks[job], job)))
            {
                Assert.Equal(job, queue.First);
                queue.RemoveFirst();
            }

            Assert.Equal(0, queue.Count);
        });

    [Fact]
    public void The_first_may_run_until_another_is_due() =>
        Gen.Int[0, 5].Array[2, 12].Sample(clocks =>
        {
            var queue = new JobQueue(clocks.Length);
            for (var job = 0; job < clocks.Length; job++)
            {
                queue.Add(job, clocks[job]);
            }

            // At the last moment before that time it would still be first; at that time it would not be.
            var first = queue.First;
            var until = queue.FirstMayRunUntil;
            queue.AdvanceFirst(until - 1);
            Assert.Equal(first, queue.First);
            queue.AdvanceFirst(until);
            Assert.NotEqual(first, queue.First);
        });

    [Fact]
    public void The_only_one_may_run_for_ever()
    {
        var queue = new JobQueue(1);
        queue.Add(0, 10);
        Assert.Equal(long.MaxValue, queue.FirstMayRunUntil);
    }

    [Fact]
    public void Who_has_waited_for_a_CPU_goes_before_who_comes_to_want_one()
    {
        var queue = new JobQueue(2);
        queue.Add(0, 0);
        queue.Add(1, 0);

        queue.AdvanceFirst(3);
        queue.DelayFirst(3);
        Assert.Equal(1, queue.First);
        queue.AdvanceFirst(6);
        queue.DelayFirst(6);
        Assert.Equal(0, queue.First);
    }
}
