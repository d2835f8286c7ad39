namespace Reclaim.Silo.Storage;

/// <summary>The store could not be opened at the start: the message names the key of the configuration and the reason, never a password.</summary>
public sealed class StoreUnreachableException : IOException
{
    internal StoreUnreachableException(string key, string reason, Exception? cause = null)
        : base($"{key}: {reason}", cause)
    {
        Key = key;
    }

    /// <summary>The key of the configuration that is wrong, or names what is not there.</summary>
    public string Key { get; }

    /// <summary>Whether the setting is wrong, so that trying again cannot help.</summary>
    public bool IsSetting { get; internal init; }
}
