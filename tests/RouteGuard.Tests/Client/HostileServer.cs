using System.Net.Sockets;
using System.Text;

namespace RouteGuard.Tests.Client;

/// <summary>One request, as it reached a server that is no daemon.</summary>
/// <param name="Connection">1 for the first connection.</param>
/// <param name="Text">Request line and headers.</param>
/// <param name="Stream">Where the answer goes.</param>
/// <param name="Stop">The test is over.</param>
internal sealed record Visit(int Connection, string Text, Stream Stream, CancellationToken Stop)
{
    public string Line => Text.Split("\r\n", 2)[0];

    public string? LastEventId =>
        Text.Split("\r\n")
            .FirstOrDefault(line => line.StartsWith("Last-Event-ID: ", StringComparison.Ordinal))
            ?["Last-Event-ID: ".Length..];

    public ValueTask WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes, Stop);
}

/// <summary>Listens where a daemon would, and answers as a test wants: with anything at all.</summary>
/// <remarks>The answer says whether the connection is kept.</remarks>
internal sealed class HostileServer : IAsyncDisposable
{
    private const int RequestBytesMax = 1024 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-test-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Visit, Task<bool>> _answer;
    private readonly List<Task> _running = [];
    private readonly List<string> _requests = [];

    public HostileServer(Func<Visit, Task<bool>> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _running.Add(AcceptAsync());
    }

    public string SocketPath => Path.Combine(_folder.FullName, "socket");

    /// <summary>Request lines, in the order in which they came.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static HostileServer Saying(string answer) =>
        new(async visit =>
        {
            await visit.WriteAsync(answer);
            return false;
        });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _folder.Delete(recursive: true);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (var connection = 1; ; connection++)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_end.Token);
                lock (_running)
                {
                    _running.Add(ServeAsync(connection, new NetworkStream(socket, ownsSocket: true)));
                }
            }
            catch (Exception ended)
                when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(int connection, NetworkStream stream)
    {
        await using (stream)
        {
            try
            {
                while (await ReadAsync(stream) is { } text)
                {
                    var visit = new Visit(connection, text, stream, _end.Token);
                    lock (_requests)
                    {
                        _requests.Add(visit.Line);
                    }

                    if (!await _answer(visit))
                    {
                        return;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    // The client sends nothing before it has its answer, so what is read ends where the request ends.
    private async Task<string?> ReadAsync(NetworkStream stream)
    {
        var bytes = new byte[4096];
        var text = new StringBuilder();
        while (text.Length < RequestBytesMax)
        {
            var read = await stream.ReadAsync(bytes, _end.Token);
            if (read == 0)
            {
                return null;
            }

            text.Append(Encoding.Latin1.GetString(bytes, 0, read));
            var all = text.ToString();
            if (all.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end && IsWhole(all, end + 4))
            {
                return all[..end];
            }
        }

        return null;
    }

    private static bool IsWhole(string request, int bodyAt)
    {
        const string Name = "Content-Length: ";
        var at = request.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0
            || request.Length - bodyAt
                >= int.Parse(request.AsSpan(at + Name.Length, request.IndexOf('\r', at) - at - Name.Length), null);
    }
}
