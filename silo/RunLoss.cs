using Reclaim.Contracts.Steps;

namespace Reclaim.Silo;

/// <summary>Failures that pass: a silo is gone, and what it had is taken up elsewhere.</summary>
public static class RunLoss
{
    /// <summary>
    /// Whether a call that failed so may succeed later. Orleans cancels calls when a silo dies that was being asked where a grain is; whoever
    /// cancels calls by themselves must tell theirs apart.
    /// </summary>
    public static bool IsPassing(Exception e) => e switch
    {
        StepRefusedException refused => refused.Reason == StepRefusal.NotCreated,
        TimeoutException or OperationCanceledException or OrleansException or IOException or System.Net.Sockets.SocketException => true,
        _ => false,
    };
}
