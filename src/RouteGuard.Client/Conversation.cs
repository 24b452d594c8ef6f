using System.Net.Http.Headers;
using System.Net.Sockets;

namespace RouteGuard.Client;

/// <summary>HTTP/1.1 over the daemon's socket: one question, one answer, nothing followed and nothing kept.</summary>
internal sealed class Conversation : IDisposable
{
    /// <summary>A question that only reads is asked once more when the connection was dead.</summary>
    private const int AttemptsMax = 2;

    private readonly string _socketPath;
    private readonly ClientBounds _bounds;
    private readonly HttpMessageInvoker _http;

    public Conversation(string socketPath, ClientBounds bounds)
    {
        const int OneKilobyte = 1024;
        _socketPath = socketPath;
        _bounds = bounds;
        _http = new(
            new SocketsHttpHandler
            {
                ConnectCallback = ConnectAsync,
                MaxConnectionsPerServer = bounds.ConnectionsMax,
                PooledConnectionIdleTimeout = bounds.IdleMax,
                MaxResponseHeadersLength = bounds.HeaderBytesMax / OneKilobyte,
                // An answer that is not wanted any more is not read to its end.
                MaxResponseDrainSize = 0,
                ResponseDrainTimeout = TimeSpan.Zero,
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                ActivityHeadersPropagator = null,
            }
        );
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asks and reads the whole answer, whatever its status is.</summary>
    /// <exception cref="RouteGuardException">There is no answer, or none that can be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<Answer> AskAsync(Question question, CancellationToken stop)
    {
        using var response = await SendAsync(question, null, stop);
        return await ReadAsync(response, question, stop);
    }

    /// <summary>Reads the rest of an answer.</summary>
    /// <exception cref="RouteGuardException">It cannot be read.</exception>
    public async Task<Answer> ReadAsync(HttpResponseMessage response, Question question, CancellationToken stop)
    {
        try
        {
            return await Answer.ReadAsync(response, question.BytesMax, _bounds.AnswerBytesMax, stop);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            stop.ThrowIfCancellationRequested();
            throw fault is HttpRequestException wrong ? Refusals.Of(wrong, _socketPath) : Refusals.Cut();
        }
    }

    /// <summary>Asks and waits for the headers; the body is the caller's.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="lastEventId">Of the last event that the caller has; null for none.</param>
    /// <param name="stop">Ends the waiting.</param>
    public async Task<HttpResponseMessage> SendAsync(Question question, string? lastEventId, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = Request(question, lastEventId);
            try
            {
                return await _http.SendAsync(request, stop);
            }
            catch (HttpRequestException fault)
                when (Refusals.IsDead(fault) && question.Method == HttpMethod.Get && attempt < AttemptsMax)
            {
                stop.ThrowIfCancellationRequested();
            }
            catch (HttpRequestException fault)
            {
                stop.ThrowIfCancellationRequested();
                throw Refusals.Of(fault, _socketPath);
            }
        }
    }

    // A request without content would be sent again by the handler, several times, whatever it asks for. With an empty
    // one it is not, and who may ask twice is decided here.
    private static HttpRequestMessage Request(Question question, string? lastEventId)
    {
        var request = new HttpRequestMessage(question.Method, new Uri($"http://localhost{question.Path}"))
        {
            Content = new ByteArrayContent(question.Body),
        };
        if (question.Body.Length > 0)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return request;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
