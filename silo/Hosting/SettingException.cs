namespace Reclaim.Silo.Hosting;

/// <summary>The configuration is wrong. The message is one line that names the key, and holds no secret.</summary>
public sealed class SettingException : Exception
{
    internal SettingException(string key, string message)
        : base($"{key}: {message}")
    {
    }
}
