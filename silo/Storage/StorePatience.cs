namespace Reclaim.Silo.Storage;

/// <summary>
/// How long a store may fail before a run does. A server that is restarted, or a connection lost, is back within seconds; a run waits for it.
/// </summary>
internal sealed record StorePatience
{
    /// <summary>Failed calls are made again until this has passed since the first.</summary>
    public TimeSpan InAll { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>One attempt: long enough for the largest item on a slow server, and short enough for another.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between the first two attempts; then twice as long each time, with jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Between attempts at most.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So many calls within <see cref="FailuresWithin"/>, half of them failed, and the store is left in peace for <see cref="Break"/>.</summary>
    public int CallsBeforeBreak { get; init; } = 10;

    /// <inheritdoc cref="CallsBeforeBreak"/>
    public TimeSpan FailuresWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="CallsBeforeBreak"/>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(1);
}
