using System.Text.Json;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <content>Requests that the daemon had begun and not finished within a second.</content>
public sealed partial class RouteGuardClient
{
    private const string OperationsPath = "/v1/operations/";

    private const int Accepted = 202;

    /// <summary>GET /v1/operations/{id}: asks once, and waits up to a second, for what another call began.</summary>
    /// <param name="id">Of an <see cref="OperationView"/> that was told as progress.</param>
    /// <param name="stop">Ends the waiting, not the operation.</param>
    /// <exception cref="RouteGuardException">The operation was refused, as its request would have been; or
    /// <see cref="RefusalKind.NotFound"/>: the daemon keeps the last 64 only.</exception>
    public Task<OperationAnswer> OperationAsync(string id, CancellationToken stop = default) =>
        WithinAsync<OperationAnswer>(
            async bounded =>
            {
                if (!IsId(id))
                {
                    throw new RouteGuardException(RefusalKind.NotFound, "Cannot find the operation: that is no id.");
                }

                var answer = await _daemon.AskAsync(
                    new(HttpMethod.Get, OperationsPath + id, _bounds.TableBytesMax),
                    bounded
                );
                return answer.Status == Accepted ? new OperationAnswer.Running(Contract.Read<OperationView>(answer))
                    : answer.IsGood ? new OperationAnswer.Ended(answer.Status, Element(answer))
                    : throw Refusals.Of(answer);
            },
            stop
        );

    /// <summary>Asks, and follows the operation to its end.</summary>
    private async Task<Answer> FollowAsync(
        Question question,
        IProgress<OperationView>? progress,
        CancellationToken stop
    )
    {
        var answer = await _daemon.AskAsync(question, stop);
        if (answer.Status != Accepted)
        {
            return answer;
        }

        var follow = new Question(HttpMethod.Get, OperationPath(answer), question.BytesMax);
        for (var asked = 0; asked < _bounds.FollowsMax; asked++)
        {
            progress?.Report(Contract.Read<OperationView>(answer));
            var began = _time.GetTimestamp();
            answer = await _daemon.AskAsync(follow, stop);
            if (answer.Status != Accepted)
            {
                return answer;
            }

            var wait = _bounds.FollowEvery - _time.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, stop);
            }
        }

        throw new RouteGuardException(
            RefusalKind.Failed,
            $"Cannot wait for the daemon any longer: {follow.Path} still runs after {_bounds.FollowsMax} questions.",
            Accepted
        );
    }

    // Nothing but an operation of this daemon is followed.
    private static string OperationPath(Answer answer) =>
        answer.Location is { } location
        && location.StartsWith(OperationsPath, StringComparison.Ordinal)
        && IsId(location[OperationsPath.Length..])
            ? location
            : throw new RouteGuardException(
                RefusalKind.Failed,
                "Cannot follow the daemon: it does not say where its operation is found. Update both.",
                answer.Status
            );

    private static JsonElement Element(Answer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            return answer.MediaType == "application/json"
                ? document.RootElement.Clone()
                : throw Contract.NotUnderstood(answer.Status);
        }
        catch (JsonException)
        {
            throw Contract.NotUnderstood(answer.Status);
        }
    }
}
