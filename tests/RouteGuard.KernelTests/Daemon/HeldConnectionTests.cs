namespace RouteGuard.KernelTests.Daemon;

/// <summary>Connections whose other end does nothing more.</summary>
public sealed class HeldConnectionTests
{
    private const int HeldAtOnce = 24;

    [Fact]
    public void Whoever_sends_nothing_more_is_shown_the_door()
    {
        using var daemon = new DaemonLab().Started();
        var before = DaemonGauges.Settled(daemon);

        var held = new HostileOutcome[HeldAtOnce];
        var threads = Enumerable
            .Range(0, HeldAtOnce)
            .Select(turn => new Thread(() =>
                held[turn] = new HostileSender(daemon.Socket, Person.Stranger).Send(HostilePaths.Held(turn))
            ))
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Assert.Equal(200, daemon.Ask(Person.Stranger, "GET", "/healthz").Status);
        Array.ForEach(threads, thread => thread.Join());

        HostileOutcome.MustBeHarmless(held);
        before.MustHold(daemon);
    }
}
