namespace RouteGuard.Configuration;

/// <summary>The configuration in force, which may be read again. May be used on any thread.</summary>
/// <param name="file">Where it is read from; null where none is followed.</param>
/// <param name="first">What is in force until it is read again.</param>
internal sealed class Settings(ConfigurationFile? file, DaemonConfiguration first)
{
    private DaemonConfiguration _now = first;

    public ConfigurationFile? File => file;

    public DaemonConfiguration Now => Volatile.Read(ref _now);

    /// <exception cref="ConfigurationException">The file is wrong.</exception>
    public static Settings Open(ConfigurationFile? file) => new(file, file?.Read() ?? DaemonConfiguration.Usual);

    /// <summary>Reads the file again. A wrong one changes nothing.</summary>
    /// <exception cref="ConfigurationException">The file is wrong.</exception>
    public void Reload() => Volatile.Write(ref _now, file?.Read() ?? Now);
}
