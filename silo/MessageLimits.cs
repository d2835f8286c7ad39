using Orleans.Configuration;

namespace Reclaim.Silo;

/// <summary>What a message may have at most, between silos and from clients: far more than any that is sent, far less than a silo's memory.</summary>
internal static class MessageLimits
{
    private const int Header = 256 << 10;

    /// <summary>The largest are results of fleets; a batch of a trace has 64 KiB.</summary>
    private const int Body = 64 << 20;

    public static void Set(MessagingOptions messaging) => (messaging.MaxMessageHeaderSize, messaging.MaxMessageBodySize) = (Header, Body);
}
