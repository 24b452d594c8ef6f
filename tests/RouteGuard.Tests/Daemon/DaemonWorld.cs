using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RouteGuard.Commands;
using RouteGuard.Configuration;
using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Daemon;

/// <summary>A whole daemon in this process: real socket, real HTTP, the kernel and the disk in memory.</summary>
internal sealed class DaemonWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-test-");
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<Action> _happening = new();
    private Func<GuardStatus, GuardStatus> _alter = status => status;
    private Action _beforeRestore = () => { };
    private Task _running = Task.CompletedTask;

    public DaemonWorld()
    {
        Guarded.Machine.OnWait = _ =>
        {
            Thread.Sleep(1);
            while (_happening.TryDequeue(out var happens))
            {
                happens();
            }
        };
        Directories = new(Path.Combine(_folder.FullName, "state"), Path.Combine(_folder.FullName, "run"));
        Client = new(Directories);
    }

    public GuardWorld Guarded { get; } = new();

    public Directories Directories { get; }

    public ApiClient Client { get; }

    /// <summary>What was wrong with the journal when it was opened.</summary>
    public IReadOnlyList<string> OpenFaults { get; set; } = [];

    /// <summary>How long the journal says it is.</summary>
    public Func<long> JournalBytes { get; set; } = static () => 0;

    /// <summary>What the daemon's engine says of itself, changed.</summary>
    public Func<GuardStatus, GuardStatus> Alter
    {
        get => Volatile.Read(ref _alter);
        set => Volatile.Write(ref _alter, value);
    }

    /// <summary>Happens on the guard's thread in every restore that is asked for, before it.</summary>
    public Action BeforeRestore
    {
        get => Volatile.Read(ref _beforeRestore);
        set => Volatile.Write(ref _beforeRestore, value);
    }

    /// <summary>Who every caller is; null for the truth.</summary>
    public Peer? Caller { get; set; }

    /// <summary>What a command finds around it, changed.</summary>
    public Func<Surroundings, Surroundings> Around { get; set; } = usual => usual;

    /// <summary>What is in force.</summary>
    public Settings Settings { get; set; } = Settings.Open(null);

    /// <summary>The clock of the daemon; the engine has its own.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What the daemon wrote into its log.</summary>
    public LogLines Log { get; } = new();

    /// <summary>The periods that the engine was given, in order.</summary>
    public ConcurrentQueue<GuardPeriods> Periods { get; } = new();

    /// <summary>The daemon that was started.</summary>
    public DaemonHost? Host { get; private set; }

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public async Task StartAsync()
    {
        Host = NewHost();
        _running = Host.RunAsync(_end.Token);
        const int LooksMax = 1000;
        for (var look = 0; look < LooksMax && !_running.IsCompleted; look++)
        {
            if (await Client.IsThereAsync(default))
            {
                return;
            }

            await Task.Delay(10);
        }

        await _running;
    }

    public DaemonHost NewHost() =>
        new(Directories, () => new(NewEngine(), Guarded.Machine, OpenFaults) { JournalBytes = JournalBytes }, Time)
        {
            PeerOf = (connection, group) => Caller ?? PeerCredentials.Of(connection, group),
            Settings = Settings,
            LogSink = Log,
        };

    /// <summary>Lets something happen on the thread that owns the routes, and waits for it.</summary>
    public async Task HappensAsync(Action happens)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _happening.Enqueue(() =>
        {
            happens();
            done.SetResult();
        });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Asks the daemon over its socket.</summary>
    public HttpClient NewHttp() =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, stop) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Directories.Socket), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = new("http://localhost"),
        };

    public async Task<(HttpResponseMessage Answer, JsonElement Body)> SendAsync(
        HttpMethod method,
        string path,
        string? body = null
    )
    {
        using var http = NewHttp();
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Runs a command against this daemon's directories.</summary>
    public Task<int> RunAsync(params string[] words)
    {
        Out.GetStringBuilder().Clear();
        Error.GetStringBuilder().Clear();
        var surroundings = new Surroundings(
            Out,
            Error,
            _ => new(Guarded.Guard, Guarded.Machine, OpenFaults),
            () => Guarded.Kernel,
            (_, recordsMax) => Guarded.Machine.ReadTail(recordsMax),
            Guarded.Machine.BootId,
            TimeProvider.System
        );
        return new CommandLine(Around(surroundings)).RunAsync([
            .. words,
            "--state-dir",
            Directories.State,
            "--runtime-dir",
            Directories.Runtime,
        ]);
    }

    private AlteredEngine NewEngine() =>
        new(Guarded.Guard, status => Alter(status))
        {
            BeforeRestore = () => BeforeRestore(),
            OnPeriods = Periods.Enqueue,
        };

    /// <summary>Stops the daemon and waits until it is gone.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _running;
        }
        catch (GuardException)
        {
            // A daemon that was to be refused.
        }

        Client.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }
}
