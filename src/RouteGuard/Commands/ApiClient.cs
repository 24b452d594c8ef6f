using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;

namespace RouteGuard.Commands;

/// <summary>Asks the daemon over its socket.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>A restore of a very large table takes seconds; nothing takes longer than this.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(35);

    private readonly HttpClient _http;
    private readonly string _socket;

    public ApiClient(Directories directories)
    {
        _socket = directories.Socket;
        _http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false })
        {
            BaseAddress = new("http://routeguard"),
            Timeout = AnswerMax,
        };
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop) =>
        SendAsync(HttpMethod.Get, path, null, type, stop);

    public Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, path, null, type, stop);

    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, path, null, type, stop);

    public Task<T> PostAsync<TBody, T>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken stop
    ) => SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), type, stop);

    public void Dispose() => _http.Dispose();

    /// <summary>Whether a daemon answers at all.</summary>
    public async Task<bool> IsThereAsync(CancellationToken stop)
    {
        try
        {
            await GetAsync("/healthz", ApiJson.Default.AliveView, stop);
            return true;
        }
        catch (CommandException missing) when (missing.Code == ExitCode.NoDaemon)
        {
            return false;
        }
        catch (CommandException)
        {
            // It answered, if only to say that it is stuck: it is there, and it holds the state directory.
            return true;
        }
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        byte[]? body,
        JsonTypeInfo<T> type,
        CancellationToken stop
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var answer = await _http.SendAsync(request, stop);
            await using var content = await answer.Content.ReadAsStreamAsync(stop);
            if (
                answer.IsSuccessStatusCode
                || (path == "/health" && answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            )
            {
                return await JsonSerializer.DeserializeAsync(content, type, stop)
                    ?? throw new CommandException(ExitCode.Failed, "Cannot read the daemon's answer: it is empty.");
            }

            throw await RefusalAsync(answer.StatusCode, content, stop);
        }
        catch (HttpRequestException refused)
        {
            throw new CommandException(
                refused.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                    ? ExitCode.NotPermitted
                    : ExitCode.NoDaemon,
                $"Cannot reach the daemon at {_socket}: {Why(refused)}. Start it with systemctl start routeguard."
            );
        }
        catch (JsonException)
        {
            throw new CommandException(
                ExitCode.Failed,
                "Cannot read the daemon's answer: it is not what this version expects. Update both."
            );
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"Cannot reach the daemon: no answer within {AnswerMax.TotalSeconds:0} s. Restart it."
            );
        }
    }

    private string Why(HttpRequestException refused) =>
        !Path.Exists(_socket) ? "there is no socket" : refused.InnerException?.Message ?? refused.Message;

    private static async Task<CommandException> RefusalAsync(
        HttpStatusCode status,
        Stream content,
        CancellationToken stop
    )
    {
        var problem = await JsonSerializer.DeserializeAsync(content, ApiJson.Default.ProblemView, stop);
        var code = status == HttpStatusCode.Forbidden ? ExitCode.NotPermitted : ExitCode.Failed;
        return new(code, problem?.Detail ?? $"Cannot do this: the daemon answers {(int)status}.");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
