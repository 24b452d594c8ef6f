using System.Globalization;
using System.Text;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Ten thousand requests that mean harm, from root and from a stranger: the daemon answers, and stays as it
/// was.</summary>
[Collection(nameof(AloneCollection))]
public sealed class HostileTests
{
    private const int Seed = 20261128;
    private const int Requests = 10_000;

    /// <summary>The rest is a stranger's.</summary>
    private const int RequestsOfRoot = 9_000;
    private const int WarmUps = 3_000;
    private const int SendersAtOnce = 4;

    /// <summary>After so many it is known that something is wrong, and each may have cost
    /// <see cref="HostileSender.LifeMax"/>.</summary>
    private const int FaultsMax = 10;

    /// <summary>In the table and the label of the session that is open meanwhile.</summary>
    private const string Secret = "label-of-nobodys-business";

    [Fact]
    public void Ten_thousand_hostile_requests_leave_the_daemon_as_it_was()
    {
        using var daemon = new DaemonLab().Started();
        var session = daemon.Begin(Person.OwnerInGroup, Secret);
        Assert.Equal(200, daemon.Ask(Person.Root, "POST", $"/v1/sessions/{session}/up").Status);
        var watch = new KernelWatch(daemon.Lab.Host);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        SendAll(daemon, Person.Root, HostileMix.Take(Seed + 1, session, WarmUps));
        var before = DaemonGauges.Settled(daemon);

        var ofRoot = SendAll(daemon, Person.Root, HostileMix.Take(Seed, session, RequestsOfRoot));
        var ofStranger = SendAll(
            daemon,
            Person.Stranger,
            HostileMix.Take(Seed + 2, session, Requests - RequestsOfRoot)
        );

        var all = ofRoot.Concat(ofStranger).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(Print(all));
        Assert.Equal(Requests, all.Length);
        Assert.DoesNotContain(ofRoot.SelectMany(one => one.Answers), answer => answer.Status == 201);
        Assert.DoesNotContain(ofStranger.SelectMany(one => one.Answers), Tells(session));
        Assert.Contains(ofRoot.SelectMany(one => one.Answers), Tells(session));
        before.MustHold(daemon);
        Assert.Equal([session], daemon.OpenSessions());
        daemon.Guard.WaitForPhase("up");
        watch.MustHaveHeardNothing();
        Assert.Equal(string.Empty, daemon.Lab.ChangeSinceBefore());
    }

    private static HostileOutcome[] SendAll(DaemonLab daemon, Person who, HostileRequest[] requests)
    {
        var outcomes = new HostileOutcome[requests.Length];
        var next = -1;
        var faults = 0;
        var threads = Enumerable
            .Range(0, SendersAtOnce)
            .Select(_ => new Thread(() =>
            {
                var sender = new HostileSender(daemon.Socket, who);
                var at = Interlocked.Increment(ref next);
                while (at < requests.Length && Volatile.Read(ref faults) < FaultsMax)
                {
                    outcomes[at] = sender.Send(requests[at]);
                    Interlocked.Add(ref faults, outcomes[at].Problem is null ? 0 : 1);
                    at = Interlocked.Increment(ref next);
                }
            }))
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        HostileOutcome.MustBeHarmless([.. outcomes.Where(outcome => outcome is not null)]);
        return outcomes;
    }

    private static Predicate<WireAnswer> Tells(string session) =>
        answer =>
            answer.Body.Contains(Secret, StringComparison.Ordinal)
            || answer.Body.Contains(session, StringComparison.Ordinal);

    /// <summary>What each kind of request was answered, and how often; "-" for none at all.</summary>
    private static string Print(HostileOutcome[] all)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{all.Length} requests\n");
        foreach (var kind in all.GroupBy(one => one.Request.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var statuses = kind.SelectMany(one => one.Answers.Count == 0 ? [0] : one.Answers.Select(a => a.Status))
                .GroupBy(status => status)
                .OrderBy(status => status.Key)
                .Select(status => $"{(status.Key == 0 ? "-" : status.Key)} x {status.Count()}");
            text.Append(CultureInfo.InvariantCulture, $"{kind.Key, -20} {string.Join(", ", statuses)}\n");
        }

        return text.ToString();
    }
}
