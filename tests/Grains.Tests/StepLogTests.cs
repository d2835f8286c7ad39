using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Tests;

public class StepLogTests
{
    private readonly StepLog<int> log = new();

    [Fact]
    public void The_first_step_is_not_a_repetition() => Assert.False(log.Repeats(new StepId(1, 1), out _));

    [Fact]
    public void A_repeated_step_gets_the_stored_report()
    {
        log.Record(new StepId(1, 1), 42);

        Assert.True(log.Repeats(new StepId(1, 1), out var report));
        Assert.Equal(42, report);
    }

    [Fact]
    public void The_next_step_is_taken_in_the_same_and_in_a_later_incarnation()
    {
        log.Record(new StepId(1, 1), 42);

        Assert.False(log.Repeats(new StepId(1, 2), out _));
        Assert.False(log.Repeats(new StepId(2, 2), out _));
    }

    [Theory]
    [InlineData(1, 4, StepRefusal.StaleIncarnation)]
    [InlineData(1, 3, StepRefusal.StaleIncarnation)]
    [InlineData(2, 2, StepRefusal.StaleStep)]
    [InlineData(3, 3, StepRefusal.StaleStep)]
    [InlineData(2, 5, StepRefusal.Gap)]
    [InlineData(3, 5, StepRefusal.Gap)]
    public void After_step_3_of_incarnation_2_others_are_refused(int incarnation, long step, StepRefusal reason)
    {
        for (var i = 1; i <= 3; i++)
        {
            log.Record(new StepId(2, i), 42);
        }

        Assert.Equal(reason, Assert.Throws<StepRefusedException>(() => log.Repeats(new StepId(incarnation, step), out _)).Reason);
    }

    [Fact]
    public void After_a_step_broke_off_nothing_is_taken()
    {
        log.Break(new InvalidOperationException("half way"));

        Assert.Equal(StepRefusal.Broken, Assert.Throws<StepRefusedException>(() => log.Repeats(new StepId(1, 1), out _)).Reason);
    }
}
