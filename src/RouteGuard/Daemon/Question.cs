using System.Runtime.ExceptionServices;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>Something that was asked of the guard. It waits, and is then either begun or withdrawn, never both: one
/// side wins.</summary>
internal abstract class Question
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Withdrawn = 2;

    private int _state;

    /// <summary>Nobody wants to know any more.</summary>
    /// <returns>True when it will never be begun; false when it was begun, and goes on.</returns>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) == Waiting;

    /// <returns>False when it was withdrawn.</returns>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;

    /// <summary>Finds the answer, on the guard's thread.</summary>
    public abstract void Find(IGuard guard);

    /// <summary>Tells it to who asked.</summary>
    public abstract void Tell();

    /// <summary>Ends a question that was withdrawn.</summary>
    public abstract void Drop();
}

/// <summary>A question and its answer.</summary>
internal sealed class Question<T>(Func<IGuard, T> question) : Question
{
    private readonly TaskCompletionSource<T> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _found;
    private ExceptionDispatchInfo? _refused;

    /// <summary>The answer, or the guard's refusal; cancelled when the question was withdrawn and its place in the
    /// queue is free again.</summary>
    public Task<T> Answer => _told.Task;

    public override void Find(IGuard guard)
    {
        try
        {
            _found = question(guard);
        }
        catch (GuardException refused)
        {
            _refused = ExceptionDispatchInfo.Capture(refused);
        }
    }

    public override void Tell()
    {
        if (_refused is { } refused)
        {
            _told.SetException(refused.SourceException);
        }
        else
        {
            _told.SetResult(_found!);
        }
    }

    public override void Drop() => _told.SetCanceled();
}
