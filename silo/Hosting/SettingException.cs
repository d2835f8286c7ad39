namespace Reclaim.Silo.Hosting;

/// <summary>The configuration is wrong. The message is one line that names the key, and holds no secret.</summary>
internal sealed class SettingException(string key, string message) : Exception($"{key}: {message}");
