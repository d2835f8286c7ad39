using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary>Options that are whole numbers. They are read as text, so that what is wrong with one is said in our own words.</summary>
internal static class NumberOption
{
    /// <param name="option">The option.</param>
    /// <param name="text">What was given; null: nothing.</param>
    /// <param name="max">The largest number that it takes.</param>
    /// <param name="min">The smallest.</param>
    /// <exception cref="InputException">It is no such number.</exception>
    public static ulong? Read(Option option, string? text, ulong max, ulong min = 0)
    {
        if (text is null)
        {
            return null;
        }

        return ulong.TryParse(text, out var value) && value >= min && value <= max
            ? value
            : throw new InputException($"{option.Name} {text}: must be a whole number from {min} to {max}");
    }
}
