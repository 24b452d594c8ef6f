using System.Diagnostics;

namespace RouteGuard.KernelTests.Lab;

/// <summary>One machine of the lab: a network namespace with mounts of its own.</summary>
/// <remarks>
/// A small process, the anchor, keeps the mounts; programs enter by <c>nsenter</c>, which becomes the program, so that
/// the process id of a started program is its own.
/// </remarks>
internal sealed class LabNamespace : IDisposable
{
    private readonly LabProcess _anchor;
    private readonly string _network;
    private readonly List<LabProcess> _started = [];

    /// <summary>Makes the namespace; its mounts are ready after <see cref="WaitReady"/>.</summary>
    /// <param name="name">Unique on this machine.</param>
    /// <param name="hasOwnEtc">/etc is a copy, in which programs may change the resolver's settings.</param>
    public LabNamespace(string name, bool hasOwnEtc)
    {
        Name = name;
        Outside("ip", "netns", "add", name);
        _network = $"/var/run/netns/{name}";
        _anchor = Launch("ip", ["netns", "exec", name, "sh", "-c", AnchorScript.For(hasOwnEtc)]);
    }

    public string Name { get; }

    /// <summary>A process that is in here as long as the lab lives: what <c>ip link … netns</c> may name.</summary>
    public int AnchorPid => _anchor.Pid;

    /// <summary>Folders put before the search path of every program in here.</summary>
    public string? PathPrefix { get; set; }

    /// <summary>Environment of every program in here.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public void WaitReady() =>
        Eventually.Holds(
            $"the namespace {Name} has its mounts",
            () => _anchor.Output.Contains("ready", StringComparison.Ordinal),
            _anchor.ToString
        );

    /// <summary>Runs a program to its end.</summary>
    public Finished Run(params string[] command) => Feed(string.Empty, command);

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public string Must(params string[] command) => Run(command).MustExit(0).Output;

    /// <summary>Runs a program to its end with this on its standard input.</summary>
    public Finished Feed(string input, params string[] command)
    {
        using var process = Launch("nsenter", Inside(command));
        process.Feed(input);
        return process.WaitForExit();
    }

    /// <summary>Starts a program that the lab kills at its end.</summary>
    public LabProcess Start(params string[] command)
    {
        var process = Launch("nsenter", Inside(command));
        _started.Add(process);
        return process;
    }

    /// <summary>Runs <c>ip</c> commands, one a line; all must succeed.</summary>
    public void Ip(string batch) => Feed(batch, "ip", "-batch", "-").MustExit(0);

    /// <summary>Processes in here whose program file has this name.</summary>
    public IReadOnlyList<int> FindProcesses(string program) =>
        [.. Processes().Where(pid => Path.GetFileName(LinkOf($"/proc/{pid}/exe")) == program)];

    /// <summary>Sends a signal by its name to a process of this namespace.</summary>
    public void Signal(int pid, string signal) => Must("sh", "-c", $"kill -s {signal} {pid}");

    /// <summary>True once the process and all its threads have ended, and with them its open files.</summary>
    public static bool HasEnded(int pid)
    {
        try
        {
            // The state follows the name, which is in brackets: proc_pid_stat(5).
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is 'Z' or 'X'
                && Directory.EnumerateDirectories($"/proc/{pid}/task").Count() == 1;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        foreach (var pid in Processes())
        {
            KillQuietly(pid);
        }

        foreach (var process in _started)
        {
            process.Dispose();
        }

        _anchor.Dispose();
        Outside("ip", "netns", "delete", Name);
    }

    private string[] Inside(string[] command) =>
        [$"--net={_network}", $"--mount=/proc/{_anchor.Pid}/ns/mnt", "--", .. command];

    private LabProcess Launch(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments);
        foreach (var (key, value) in Environment)
        {
            start.Environment[key] = value;
        }

        var path = System.Environment.GetEnvironmentVariable("PATH");
        start.Environment["PATH"] = $"{PathPrefix}{(PathPrefix is null ? "" : ":")}{path}:/usr/sbin:/sbin";
        return new LabProcess(start, $"[{Name}] {string.Join(' ', arguments.SkipWhile(word => word.StartsWith('-')))}");
    }

    /// <summary>Every process whose network is this one: the lab, and nobody else, started them.</summary>
    private int[] Processes()
    {
        var own = LinkOf($"/proc/{_anchor.Pid}/ns/net");
        return own is null
            ? []
            : Directory
                .EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
                .Where(pid => pid > 0 && pid != _anchor.Pid && LinkOf($"/proc/{pid}/ns/net") == own)
                .ToArray();
    }

    private static void KillQuietly(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended between the look and the kill.
        }
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Outside(string program, params string[] arguments)
    {
        using var process = new LabProcess(
            new ProcessStartInfo(program, arguments),
            $"{program} {string.Join(' ', arguments)}"
        );
        process.WaitForExit().MustExit(0);
    }

    /// <summary>What the anchor does before it waits for the end of its input: that of the test run.</summary>
    private static class AnchorScript
    {
        private const string OwnRun = "mount -t tmpfs lab /run && mkdir -p /run/wireguard";

        private const string OwnEtc =
            "mkdir /run/etc && cp -a /etc/. /run/etc && mount --bind /run/etc /etc && rm -f /etc/resolv.conf";

        public static string For(bool hasOwnEtc) =>
            $"set -e; {OwnRun}; {(hasOwnEtc ? OwnEtc + "; " : "")}echo ready; exec cat >/dev/null";
    }
}
