using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>What is written down, and what is told to those who ask.</content>
public sealed partial class Guard
{
    public GuardStatus Status()
    {
        var now = time.GetUtcNow();
        List<string> problems = [.. _startFaults];
        problems.AddRange(new[] { _storageProblem, _kernelProblem }.OfType<string>());
        problems.AddRange(_sessions.SelectMany(guarded => guarded.Losses).Select(loss => loss.Text));
        string[] drift = [.. _sessions.SelectMany(guarded => guarded.Drift).Select(one => one.Text)];
        var contests = _budget.Contests(now);
        var verdict = VerdictOf(problems.Count > 0, contests.Count > 0, drift.Length > 0);
        return new(verdict, problems, drift, Sessions, _lastPassAt, _lastRestore)
        {
            Contests = [.. contests.Select(Describe)],
            Families = HealthOfAll(contests),
            Meter = _meter with { Leaked = _leaks.Total },
        };
    }

    // A disk that refuses must not stop a restore: the refusal becomes the verdict.
    private long Note(
        JournalKind kind,
        SessionId? session,
        string text,
        IReadOnlyList<string>? lines = null,
        long concludes = 0
    )
    {
        try
        {
            var number = ports.Journal.Append(
                new()
                {
                    At = time.GetUtcNow(),
                    Kind = kind,
                    Session = session,
                    Text = text,
                    Concludes = concludes,
                    Lines = lines ?? [],
                    Paths = TellPaths(),
                }
            );
            _paths.Forget();
            _storageProblem = null;
            return number;
        }
        catch (StateStoreException refused)
        {
            _storageProblem = refused.Message;
            return 0;
        }
    }

    // Whose a path is is asked now and not when it was seen: what a VPN brought is known as its own only later.
    private PathMark[] TellPaths()
    {
        // Most records tell of no change: then nobody is asked for.
        var seen = _paths.Seen();
        var open = seen.Count == 0 ? [] : AsStored();
        return [.. seen.Select(path => path.Tell(open))];
    }

    // Bounded before a word is printed: a plan may have a hundred thousand steps.
    private static string[] Cut<T>(IReadOnlyCollection<T> items, Func<T, string> print) =>
        items.Count <= JournalRecord.LinesMax
            ? [.. items.Select(print)]
            :
            [
                .. items.Take(JournalRecord.LinesMax).Select(print),
                $"… and {items.Count - JournalRecord.LinesMax} more",
            ];

    private void Save(GuardedSession guarded) => Keep(guarded, () => ports.Store.Save(guarded.Session));

    private void Keep(GuardedSession guarded, Action write)
    {
        try
        {
            write();
            guarded.IsUnsaved = false;
            _storageProblem = null;
        }
        catch (StateStoreException refused)
        {
            guarded.IsUnsaved = true;
            _storageProblem = refused.Message;
        }
    }

    // A disk that refused may take it later; until then a restart would know less than we do.
    private void SaveWhatWasRefused()
    {
        foreach (var guarded in _sessions.Where(guarded => guarded.IsUnsaved))
        {
            Keep(guarded, () => ports.Store.Move(guarded.Session, guarded.Baseline));
        }
    }
}
