using System.Net.Http.Headers;

namespace RouteGuard.Client;

/// <summary>One question to the daemon.</summary>
/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="Path">From the root, escaped.</param>
/// <param name="BytesMax">How large a good answer may be.</param>
internal sealed record Question(HttpMethod Method, string Path, int BytesMax)
{
    /// <summary>JSON; empty for no body.</summary>
    public byte[] Body { get; init; } = [];
}

/// <summary>What came back, whole and not yet judged.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">Without its parameters; null when there is none that can be read.</param>
/// <param name="Location">As it was written; null without.</param>
/// <param name="RetryAfter">How long to wait; null without.</param>
/// <param name="Body">All of it.</param>
internal sealed record Answer(
    int Status,
    string? MediaType,
    string? Location,
    TimeSpan? RetryAfter,
    ReadOnlyMemory<byte> Body
)
{
    /// <summary>Most answers are no larger.</summary>
    private const int FirstBytes = 4096;

    public bool IsGood => Status is 200 or 201;

    /// <summary>Reads an answer to its end.</summary>
    /// <param name="response">Its headers are there.</param>
    /// <param name="goodBytesMax">How large a good answer may be.</param>
    /// <param name="otherBytesMax">How large any other may be.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="RouteGuardException">It is too large.</exception>
    /// <exception cref="IOException">It was cut.</exception>
    public static async Task<Answer> ReadAsync(
        HttpResponseMessage response,
        int goodBytesMax,
        int otherBytesMax,
        CancellationToken stop
    )
    {
        var status = (int)response.StatusCode;

        // What is neither an answer nor a refusal is not read: nobody asked for it.
        var bytesMax =
            status is 200 or 201 ? goodBytesMax
            : status == 202 || status >= 400 ? otherBytesMax
            : 0;
        var body = bytesMax == 0 ? default : await ReadAsync(response.Content, bytesMax, stop);
        return new(
            status,
            response.Content.Headers.ContentType?.MediaType,
            First(response.Headers, "Location"),
            response.Headers.RetryAfter?.Delta,
            body
        );
    }

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int bytesMax, CancellationToken stop)
    {
        if (content.Headers.ContentLength > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        await using var stream = await content.ReadAsStreamAsync(stop);
        var bytes = new byte[Math.Min(FirstBytes, bytesMax + 1)];
        var length = 0;
        while (await stream.ReadAsync(bytes.AsMemory(length), stop) is var read and > 0)
        {
            length += read;
            if (length > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(bytes.Length * 2, bytesMax + 1));
            }
        }

        return bytes.AsMemory(0, length);
    }

    private static RouteGuardException TooLarge(int bytesMax) =>
        new(RefusalKind.Failed, $"Cannot read the daemon's answer: it has more than {bytesMax} bytes.");
}
