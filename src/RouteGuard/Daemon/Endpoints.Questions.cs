using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <content>Questions to the guard: each is answered in time, withdrawn, or goes on as an operation.</content>
internal sealed partial class Endpoints
{
    private readonly Operations _operations = new();

    /// <summary>For users who have a session and nothing else.</summary>
    private readonly Quota _questionsOfOthers = new(Limits.QuestionsOfOthersMax);

    private async Task AskAsync<T>(
        HttpContext context,
        Func<IGuard, T> question,
        Func<T, Reply> answer,
        CancellationToken stop
    )
    {
        var asked = Enqueue(PeerOf(context), question);
        var reply = ReplyAsync(asked.Answer, answer);
        try
        {
            await (await reply.WaitAsync(Limits.AnswerMax, time, stop)).WriteAsync(context);
        }
        catch (TimeoutException)
        {
            var late = asked.TryWithdraw()
                ? Reply.Busy("Cannot ask the guard: it is busy. Nothing was begun. Try again in a moment.")
                : Running(_operations.Keep(PeerOf(context).Uid, reply));
            await late.WriteAsync(context);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Who went away wants nothing more; what was begun is finished all the same.
            asked.TryWithdraw();
            throw;
        }
    }

    private async Task ShowOperationAsync(HttpContext context, CancellationToken stop)
    {
        var operation = Operation(context) ?? throw UnknownOperation(IdText(context));
        try
        {
            await (await operation.Reply.WaitAsync(Limits.AnswerMax, time, stop)).WriteAsync(context);
        }
        catch (TimeoutException)
        {
            await Running(operation).WriteAsync(context);
        }
    }

    private Operation? Operation(HttpContext context) => _operations.Find(IdText(context));

    /// <exception cref="GuardBusyException">There is no place in the queue for this user.</exception>
    private Question<T> Enqueue<T>(Peer peer, Func<IGuard, T> question)
    {
        if (Access.IsPrivileged(peer, _ownUid))
        {
            return guard.Ask(question);
        }

        if (!_questionsOfOthers.TryTake(peer.Uid, isPrivileged: false, Limits.QuestionsPerOtherMax))
        {
            throw new GuardBusyException();
        }

        Question<T> asked;
        try
        {
            asked = guard.Ask(question);
        }
        catch (GuardBusyException)
        {
            _questionsOfOthers.GiveBack(peer.Uid, isPrivileged: false);
            throw;
        }

        _ = asked.Answer.ContinueWith(
            _ => _questionsOfOthers.GiveBack(peer.Uid, isPrivileged: false),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        return asked;
    }

    // The whole answer, a refusal too: what is fetched later is what would have been answered at once.
    private static async Task<Reply> ReplyAsync<T>(Task<T> asked, Func<T, Reply> answer)
    {
        try
        {
            return answer(await asked);
        }
        catch (GuardException refused)
        {
            return Reply.Of(refused);
        }
        catch (OperationCanceledException)
        {
            return Reply.Busy("Cannot ask the guard: the question was withdrawn.");
        }
    }

    private Reply Running(Operation operation) =>
        Reply.Json(
            StatusCodes.Status202Accepted,
            new OperationView(operation.Id, OperationView.Running)
            {
                Progress = guard.Progress is { } now ? new(now.StepsDone, now.StepsTotal, now.Pass) : null,
            },
            ApiJson.Default.OperationView
        ) with
        {
            Location = $"/v1/operations/{operation.Id}",
        };

    private static GuardException UnknownOperation(string id) =>
        new(
            GuardRefusal.NotFound,
            $"Cannot find operation {Printable(id)}: only the last {Limits.OperationsMax} are kept. See routeguard status."
        );
}
