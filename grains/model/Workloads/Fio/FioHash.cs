namespace Reclaim.Model.Workloads.Fio;

/// <summary>fio scatters the values of its distributions over the file by this multiplicative hash (64 bits, wrapping).</summary>
internal static class FioHash
{
    public const ulong Multiplier = 0x61C8864680B583EB;
}
