using System.Diagnostics;
using System.Runtime.InteropServices;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Native;

namespace RouteGuard.Doctor;

/// <summary>What the doctor reads of the machine beside the routing table.</summary>
/// <param name="IsPrivileged">May write routes.</param>
/// <param name="Kernel">Its name and version.</param>
/// <param name="Programs">Names of running programs.</param>
/// <param name="NameServers">Of /etc/resolv.conf.</param>
/// <param name="SpeaksBsd">route(8) instead of ip(8).</param>
/// <param name="ReadFile">A settings file's text, or null; for a folder that of its <c>.conf</c> files, in
/// order.</param>
internal sealed record MachineFacts(
    bool IsPrivileged,
    string Kernel,
    IReadOnlySet<string> Programs,
    IReadOnlyList<IpAddress> NameServers,
    bool SpeaksBsd,
    Func<string, string?> ReadFile
)
{
    /// <summary>More processes than these are not looked at.</summary>
    private const int ProcessesMax = 20_000;

    /// <summary>resolv.conf(5): the resolver itself takes three.</summary>
    private const int NameServersMax = 8;

    private const int FileBytesMax = 64 * 1024;

    /// <summary>More settings files of one program than anybody keeps.</summary>
    private const int FilesMax = 64;

    /// <summary>What of the kernel the guard relies on; empty where there is no choice (macOS).</summary>
    public IReadOnlyList<KernelFeature> Features { get; init; } = [];

    /// <summary>What lies at a path; null for nothing.</summary>
    public Func<string, PathStatus?> Look { get; init; } = PathStatus.Of;

    /// <summary>Who asks: what is ours and root's is as it should be.</summary>
    public uint OwnUid { get; init; } = UserIds.Effective;

    public static MachineFacts Read() =>
        new(
            Environment.IsPrivilegedProcess,
            $"{RuntimeInformation.OSDescription} {ReadSmall("/proc/sys/kernel/osrelease")}".Trim(),
            ReadPrograms(),
            NameServersOf(ReadSmall("/etc/resolv.conf") ?? string.Empty),
            OperatingSystem.IsMacOS(),
            path => Directory.Exists(path) ? ReadFolder(path) : ReadSmall(path)
        )
        {
            Features = OperatingSystem.IsLinux() ? KernelFeatures.Probe() : [],
        };

    public static IReadOnlyList<IpAddress> NameServersOf(string resolvConf) =>
        [
            .. resolvConf
                .Split('\n')
                .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is ["nameserver", _, ..])
                .Select(words => IpAddress.TryParse(words[1], out var server) ? server : (IpAddress?)null)
                .OfType<IpAddress>()
                .Take(NameServersMax),
        ];

    private static HashSet<string> ReadPrograms()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        if (OperatingSystem.IsMacOS())
        {
            // It is always there, and it is the one that matters.
            names.Add("configd");
            foreach (var process in Process.GetProcesses().Take(ProcessesMax))
            {
                using (process)
                {
                    names.Add(process.ProcessName);
                }
            }
        }
        else if (Directory.Exists("/proc/self"))
        {
            var folders = Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1]));
            foreach (var folder in folders.Take(ProcessesMax))
            {
                // The kernel cuts a name after 15 letters, and networkd's is longer.
                var name = ReadSmall($"{folder}/comm")?.TrimEnd();
                names.Add(name == "systemd-network" ? "systemd-networkd" : name ?? string.Empty);
            }
        }

        return names;
    }

    private static string? ReadFolder(string path)
    {
        try
        {
            return string.Join(
                '\n',
                Directory.EnumerateFiles(path, "*.conf").Order(StringComparer.Ordinal).Take(FilesMax).Select(ReadSmall)
            );
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ReadSmall(string path)
    {
        try
        {
            using var file = new StreamReader(path);
            var text = new char[FileBytesMax];
            return new(text, 0, file.ReadBlock(text, 0, text.Length));
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
