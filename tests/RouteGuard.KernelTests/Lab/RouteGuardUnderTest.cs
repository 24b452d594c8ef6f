using System.Net.Sockets;
using System.Text.Json;

namespace RouteGuard.KernelTests.Lab;

/// <summary>RouteGuard on the lab's host: its daemon, and its command line as a user types it.</summary>
/// <remarks>
/// The program is the one beside these tests, or the executable that the variable ROUTEGUARD_EXE names (an
/// ahead-of-time build).
/// </remarks>
internal sealed class RouteGuardUnderTest
{
    private readonly VpnLab _lab;
    private readonly string[] _program;
    private LabProcess? _daemon;

    /// <summary>Chooses folders; starts nothing.</summary>
    public RouteGuardUnderTest(VpnLab lab, string? stateFolder = null)
    {
        _lab = lab;
        StateFolder = stateFolder ?? Path.Combine(lab.Folder, "state");
        RuntimeFolder = Path.Combine(lab.Folder, "runtime");
        _program = Environment.GetEnvironmentVariable("ROUTEGUARD_EXE") is { Length: > 0 } path
            ? [path]
            : ["dotnet", Path.Combine(AppContext.BaseDirectory, "routeguard.dll")];
    }

    public string StateFolder { get; }

    public string RuntimeFolder { get; }

    /// <summary>What the daemon said so far.</summary>
    public string DaemonLog => _daemon?.ToString() ?? "No daemon was started.";

    public int DaemonPid => _daemon!.Pid;

    /// <summary>What it wrote down so far, as it lies on disk.</summary>
    public string Journal => _lab.Host.Run("sh", "-c", $"cat {StateFolder}/journal/* {StateFolder}/journal*").Output;

    /// <summary>Starts the daemon and waits until it answers.</summary>
    /// <param name="more">Options of the daemon.</param>
    public void StartDaemon(params string[] more)
    {
        _daemon = _lab.Host.Start([.. Words("daemon"), .. more]);
        Eventually.Holds("the daemon answers", () => Ask("/healthz") is not null, () => DaemonLog);
    }

    /// <summary>SIGKILL.</summary>
    public void KillDaemon()
    {
        _daemon!.Kill();
        _daemon.WaitForExit();
    }

    /// <summary>Runs one command to its end.</summary>
    public Finished Cli(params string[] words) => _lab.Host.Run(Words(words));

    /// <summary>Runs one command by way of another program, such as <c>setpriv</c>.</summary>
    public Finished CliBy(string[] wrapper, params string[] words) => _lab.Host.Run([.. wrapper, .. Words(words)]);

    /// <summary>Runs one command that must succeed.</summary>
    /// <returns>What it printed, without the last line's end.</returns>
    public string Must(params string[] words) => Cli(words).MustExit(0).Output.Trim();

    /// <summary>Starts a command that stays.</summary>
    public LabProcess Start(params string[] words) => _lab.Host.Start(Words(words));

    /// <summary>The words that start the program, for a script.</summary>
    public string[] Words(params string[] words) =>
        [.. _program, "--state-dir", StateFolder, "--runtime-dir", RuntimeFolder, .. words];

    /// <summary>The words that start the program and say nothing of its folders.</summary>
    public string[] WordsWithoutFolders(params string[] words) => [.. _program, .. words];

    /// <summary>Waits until the daemon has ended by itself.</summary>
    public Finished WaitForDaemon() => _daemon!.WaitForExit();

    /// <summary>Waits until the daemon has exactly one session, in this phase.</summary>
    public void WaitForPhase(string phase) =>
        Eventually.Holds(
            $"the session's phase is {phase}",
            () => Phases() is [var only] && only == phase,
            () => $"{Ask("/v1/status")}\n{DaemonLog}"
        );

    /// <summary>Waits until the daemon has no session any more.</summary>
    public void WaitForNoSession() =>
        Eventually.Holds("no session is open", () => Phases() is [], () => $"{Ask("/v1/status")}\n{DaemonLog}");

    private string[]? Phases()
    {
        if (Ask("/v1/status") is not { } body)
        {
            return null;
        }

        using var status = JsonDocument.Parse(body);
        return
        [
            .. status
                .RootElement.GetProperty("sessions")
                .EnumerateArray()
                .Select(one => one.GetProperty("phase").GetString()!),
        ];
    }

    /// <summary>Asks the daemon over its socket; a path of the file system reaches across network namespaces.</summary>
    /// <returns>The body, or null when nobody answers well.</returns>
    public string? Ask(string path)
    {
        var socket = Directory.Exists(RuntimeFolder)
            ? Directory.EnumerateFiles(RuntimeFolder, "*.sock").FirstOrDefault()
            : null;
        if (socket is null)
        {
            return null;
        }

        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler)
        {
            BaseAddress = new Uri("http://localhost"),
            Timeout = Eventually.Bound,
        };
        try
        {
            using var answer = client.GetAsync(path).GetAwaiter().GetResult();
            return answer.IsSuccessStatusCode ? answer.Content.ReadAsStringAsync().GetAwaiter().GetResult() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
