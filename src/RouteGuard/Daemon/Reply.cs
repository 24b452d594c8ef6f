using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>A whole answer, which can be given now or fetched later.</summary>
internal sealed record Reply(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    public string? Location { get; init; }

    /// <summary>When asking again may help; null when it will not.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static Reply Json<T>(int status, T value, JsonTypeInfo<T> type) =>
        new(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>RFC 9457.</summary>
    public static Reply Problem(int status, string title, string detail) =>
        new(
            status,
            "application/problem+json",
            JsonSerializer.SerializeToUtf8Bytes(new("about:blank", title, status, detail), ApiJson.Default.ProblemView)
        );

    public static Reply Of(GuardException refused) =>
        Problem(StatusOf(refused.Refusal), refused.Refusal.ToString(), refused.Message);

    public static Reply Busy(string detail) =>
        Problem(StatusCodes.Status503ServiceUnavailable, "Busy", detail) with
        {
            RetryAfterSeconds = Limits.RetrySeconds,
        };

    /// <summary>What routing refuses by a number alone, in words.</summary>
    public static Reply OfStatus(HttpContext context)
    {
        var asked = $"{context.Request.Method} {context.Request.Path}";
        return context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
            ? Problem(
                StatusCodes.Status405MethodNotAllowed,
                "MethodNotAllowed",
                $"Cannot {asked}: this path takes {context.Response.Headers.Allow} alone."
            )
            : Problem(context.Response.StatusCode, "NotFound", $"Cannot find {asked}: there is no such endpoint.");
    }

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        if (Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(Body, context.RequestAborted);
    }

    private static int StatusOf(GuardRefusal refusal) =>
        refusal switch
        {
            GuardRefusal.Invalid => StatusCodes.Status400BadRequest,
            GuardRefusal.NotFound => StatusCodes.Status404NotFound,
            GuardRefusal.NotPermitted => StatusCodes.Status403Forbidden,
            GuardRefusal.Conflict => StatusCodes.Status409Conflict,
            GuardRefusal.Storage => StatusCodes.Status507InsufficientStorage,
            _ => StatusCodes.Status502BadGateway,
        };
}
