using System.Net;
using System.Runtime.CompilerServices;

namespace RouteGuard.Client;

/// <content>What happens, as it happens.</content>
public sealed partial class RouteGuardClient
{
    /// <summary>GET /v1/events: what happens from now on, or after an event that is known.</summary>
    /// <remarks>
    /// A stream that ends, breaks or is silent for 45 seconds is opened again after the last event, so nothing is heard
    /// twice; what the daemon no longer keeps is told in one event of the kind <c>lost</c>. The wait before that is the
    /// daemon's own (1 second without) and doubles with each failure; it is between 0.1 and 30 seconds. After 10
    /// failures without an event in between it is given up. The first stream is tried once.
    /// </remarks>
    /// <param name="lastEventId">The <see cref="HeardEvent.Id"/> of the last event that is known, or null.</param>
    /// <param name="stop">Ends the listening; the only way besides leaving the loop, and an exception.</param>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.Conflict"/>: too many listen already.
    /// <see cref="RefusalKind.Failed"/>: what comes is no stream of events. Others as everywhere.</exception>
    public async IAsyncEnumerable<HeardEvent> EventsAsync(
        string? lastEventId = null,
        [EnumeratorCancellation] CancellationToken stop = default
    )
    {
        await using var feed = new EventFeed(OpenEventsAsync, _bounds, _time, lastEventId);
        while (true)
        {
            yield return await feed.NextAsync(stop);
        }
    }

    private Task<HttpResponseMessage> OpenEventsAsync(string? lastEventId, CancellationToken stop) =>
        WithinAsync(
            async bounded =>
            {
                var question = new Question(HttpMethod.Get, "/v1/events", _bounds.AnswerBytesMax);
                var response = await _daemon.SendAsync(question, lastEventId, bounded);
                if (
                    response is
                    { StatusCode: HttpStatusCode.OK, Content.Headers.ContentType.MediaType: "text/event-stream" }
                )
                {
                    return response;
                }

                using (response)
                {
                    var answer = await _daemon.ReadAsync(response, question, bounded);
                    throw answer.IsGood ? Contract.NotUnderstood(answer.Status) : Refusals.Of(answer);
                }
            },
            stop
        );
}
