namespace Reclaim.Model.Control;

/// <summary>A control file is written or read at a virtual time, from outside the cgroup: it costs the workloads no time of their own.</summary>
/// <param name="AtNs">When.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">The text written, as the kernel takes it; null: the file is read.</param>
public sealed record ControlAccess(long AtNs, ControlFile File, string? Value)
{
    /// <summary>Names it for who asked for it on the way; null if it was planned.</summary>
    public string? Id { get; init; }
}

/// <summary>What came of it.</summary>
/// <param name="AtNs">Virtual time at which it took place.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">The text written, with its placeholders replaced; null: it was read.</param>
/// <param name="Errno">What write(2) failed with; 0: it did not.</param>
/// <param name="Text">The text read; null: it was written.</param>
public sealed record ControlOutcome(long AtNs, ControlFile File, string? Value, int Errno, string? Text)
{
    /// <summary>The name of the access.</summary>
    public string? Id { get; init; }

    /// <summary>Not everything that was asked for could be reclaimed.</summary>
    public const int Eagain = 11;

    /// <summary>The text, or what it asks for, makes no sense.</summary>
    public const int Einval = 22;

    /// <summary>There are as many generations as there can be.</summary>
    public const int Erange = 34;

    /// <summary>The kernel's name of an error number.</summary>
    public static string NameOf(int errno) => errno switch
    {
        0 => "",
        Eagain => "EAGAIN",
        Einval => "EINVAL",
        Erange => "ERANGE",
        _ => errno.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
