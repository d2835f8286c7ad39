using System.Reflection;
using Reclaim.Contracts;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>Calls of a run in a cluster that is losing silos are made again.</summary>
public sealed class CallPatienceTests
{
    [Theory]
    [InlineData("the silo is gone")]
    [InlineData("it did not answer")]
    [InlineData("a silo died that was being asked where the run is")]
    public async Task A_call_that_failed_of_a_lost_silo_is_made_again(string why)
    {
        var calls = Calls.Failing(times: 2, why switch
        {
            "the silo is gone" => new SiloUnavailableException(why),
            "it did not answer" => new TimeoutException(why),
            _ => new OperationCanceledException(why),
        });
        await using var run = GrainRun.Remote(calls.Grains, "run", spec: null, []);

        Assert.Equal(RunPhase.Running, (await run.ProgressAsync()).Phase);
        Assert.Equal(3, calls.Made);
    }

    [Fact]
    public async Task A_call_that_failed_for_a_reason_of_its_own_is_made_once()
    {
        var calls = Calls.Failing(times: 2, new ArgumentException("no such host"));
        await using var run = GrainRun.Remote(calls.Grains, "run", spec: null, []);

        await Assert.ThrowsAsync<ArgumentException>(run.ProgressAsync);
        Assert.Equal(1, calls.Made);
    }

    /// <summary>A cluster with one run, of which some calls fail.</summary>
#pragma warning disable CA1852 // Proxies are derived from it.
    private class Calls : DispatchProxy
#pragma warning restore CA1852
    {
        private int _failures;
        private Exception? _failure;
        private IRunGrain? _run;

        public int Made { get; private set; }

        public IGrainFactory Grains { get; private set; } = null!;

        public static Calls Failing(int times, Exception failure)
        {
            var run = Create<IRunGrain, Calls>();
            var calls = (Calls)(object)run;
            (calls._failures, calls._failure) = (times, failure);
            calls.Grains = Create<IGrainFactory, Calls>();
            ((Calls)(object)calls.Grains)._run = run;
            return calls;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _run is { } run ? run : Answer();

        private Task<RunProgress> Answer() => Made++ < _failures ? Task.FromException<RunProgress>(_failure!) : Task.FromResult(new RunProgress { Phase = RunPhase.Running });
    }
}
