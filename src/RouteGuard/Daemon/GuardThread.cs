using System.Threading.Channels;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>The one thread that owns the engine, and with it the routes. Everybody else asks.</summary>
/// <remarks>
/// A bug in the engine ends the process: the supervisor starts it again, and the journal tells where it was. That is
/// safer than a guard that goes on with half a thought. Each turn answers one question and then looks at the kernel, so
/// that a restore waits for one question at most, however many are asked.
/// </remarks>
internal sealed class GuardThread : IDisposable
{
    /// <summary>The loop turns at least this often, so that a stuck one is noticed.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(1);

    private readonly Channel<Question> _questions = Channel.CreateBounded<Question>(
        new BoundedChannelOptions(Limits.QuestionsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    private readonly IGuardEngine _engine;
    private readonly IKernelEvents _events;
    private readonly StatusSupplement _supplement;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _onCrash;
    private readonly Action<GuardStatus?, GuardStatus> _onTurn;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;
    private volatile GuardStatus? _status;
    private GuardPeriods? _newPeriods;
    private long _lastTurn;
    private readonly LoopLag _lag;

    public GuardThread(
        OpenedEngine opened,
        LoopLag lag,
        TimeProvider time,
        Action<GuardStatus?, GuardStatus> onTurn,
        Action<Exception> onCrash
    )
    {
        _engine = opened.Engine;
        _events = opened.Events;
        _supplement = new(opened.Faults, time);
        _time = time;
        _onCrash = onCrash;
        _onTurn = onTurn;
        _lastTurn = time.GetTimestamp();
        _lag = lag;
        _thread = new(Turn) { Name = "guard", IsBackground = true };
    }

    /// <summary>How long ago the loop turned.</summary>
    public TimeSpan LastTurnAge => _time.GetElapsedTime(Volatile.Read(ref _lastTurn));

    /// <summary>The status as of the last turn; asking for it costs the loop nothing.</summary>
    public GuardStatus? Status => _status;

    /// <summary>Adds what the daemon knows beside the engine. Only within a question, on the guard's thread.</summary>
    public GuardStatus Complete(GuardStatus status) => _supplement.Complete(status);

    /// <summary>Starts the loop; the task ends when the engine has taken up what was on disk.</summary>
    public Task StartAsync()
    {
        _thread.Start();
        return _started.Task;
    }

    /// <summary>How far the restore is that is being done just now.</summary>
    public RestoreProgress? Progress => _engine.Progress;

    /// <summary>Puts a question into the queue, to be answered on the guard's thread.</summary>
    /// <exception cref="GuardBusyException">Too many questions wait.</exception>
    public Question<T> Ask<T>(Func<IGuard, T> question)
    {
        var asked = new Question<T>(question);

        // Before the loop can see the question: else it could turn first, and nobody would be waiting.
        _lag.Ask();
        if (!_questions.Writer.TryWrite(asked))
        {
            throw new GuardBusyException();
        }

        _events.Wake();
        return asked;
    }

    /// <summary>Gives the engine other periods, at its next turn.</summary>
    public void SetPeriods(GuardPeriods periods)
    {
        Volatile.Write(ref _newPeriods, periods);
        _events.Wake();
    }

    public void Dispose()
    {
        _isStopping = true;
        _questions.Writer.TryComplete();
        if (_thread.IsAlive)
        {
            _events.Wake();
            _thread.Join();
        }

        _engine.Dispose();
    }

    private void Publish()
    {
        var before = _status;
        var now = Complete(_engine.Status());
        _status = now;
        Volatile.Write(ref _lastTurn, _time.GetTimestamp());
        _onTurn(before, now);
    }

    // What was withdrawn costs nothing; the queue is no longer than its bound.
    private Question? TakeQuestion()
    {
        for (var looked = 0; looked < Limits.QuestionsMax && _questions.Reader.TryRead(out var question); looked++)
        {
            if (question.TryBegin())
            {
                return question;
            }

            question.Drop();
        }

        return null;
    }

    private void Turn()
    {
        try
        {
            _engine.Start();
            Publish();
            _started.SetResult();
            while (!_isStopping)
            {
                _lag.Turn();
                if (Interlocked.Exchange(ref _newPeriods, null) is { } periods)
                {
                    _engine.SetPeriods(periods);
                }

                // What it changed is published before it is answered: who asks next meets a daemon that knows of it.
                var question = TakeQuestion();
                question?.Find(_engine);
                Publish();
                question?.Tell();
                _engine.RunOnce(_questions.Reader.TryPeek(out _) ? TimeSpan.Zero : TurnMax);
            }
        }
        catch (Exception crash) // boundary: the top of the guard's thread
        {
            if (!_started.TrySetException(crash))
            {
                _onCrash(crash);
            }
        }
    }
}

/// <summary>Too many questions wait for the guard.</summary>
internal sealed class GuardBusyException()
    : Exception("Cannot ask the guard: too many questions wait already. Try again in a moment.");
