namespace RouteGuard.KernelTests.Daemon;

/// <summary>Who somebody is, the kernel says; nothing else that he says or holds.</summary>
public sealed class IdentityTests
{
    private const int Seed = 20261128;
    private const int Guesses = 100;

    [Theory]
    [InlineData("X-Forwarded-User: root")]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Remote-User: root")]
    [InlineData("X-Original-URL: /healthz")]
    [InlineData("X-HTTP-Method-Override: GET")]
    [InlineData("Forwarded: for=127.0.0.1;by=root")]
    [InlineData("Authorization: Basic cm9vdDo=")]
    [InlineData("Authorization: Bearer root")]
    [InlineData("Authorization: Negotiate AAAA")]
    [InlineData("Cookie: uid=0; user=root")]
    [InlineData("Peer: 1 0 0")]
    public void What_a_request_says_of_its_sender_counts_for_nothing(string header)
    {
        using var daemon = new DaemonLab().Started();
        var id = daemon.Begin(Person.OwnerInGroup, "not yours");

        Assert.Equal(403, daemon.Ask(Person.Stranger, "GET", "/v1/status", null, "-H", header).Status);
        Assert.Equal(403, daemon.Ask(Person.Stranger, "DELETE", $"/v1/sessions/{id}?uid=0", null, "-H", header).Status);
        Assert.Equal([id], daemon.OpenSessions());
    }

    [Fact]
    public void A_stranger_learns_nothing_by_guessing_sessions_and_ends_none()
    {
        using var daemon = new DaemonLab().Started();
        var id = daemon.Begin(Person.OwnerInGroup, "not yours");
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var chance = new Random(Seed);
        using var connection = new HttpConnection(Person.Stranger, daemon.Socket);

        var refusal = connection.Send($"DELETE /v1/sessions/{id}");
        Assert.Equal(403, refusal.Status);
        for (var guess = 0; guess < Guesses; guess++)
        {
            // The answer to a wrong guess is the answer to the right one.
            var other = new string([.. id.Select(letter => chance.Next(4) == 0 ? Other(letter, chance) : letter)]);
            Assert.Equal(refusal, connection.Send($"DELETE /v1/sessions/{other}"));
        }

        Assert.Equal([id], daemon.OpenSessions());
    }

    [Fact]
    public void A_connection_belongs_to_whoever_made_it_whoever_uses_it()
    {
        using var daemon = new DaemonLab().Started();
        using var ofStranger = new HttpConnection(Person.Stranger, daemon.Socket);
        using var ofRoot = new HttpConnection(Person.Root, daemon.Socket);

        // Root gains a stranger nothing by using his connection, and root who gives his own away gives himself away.
        Assert.Equal(403, ofStranger.Send("GET /v1/status").Status);
        Assert.Equal(200, ThreadUser.Run(Person.Stranger, () => ofRoot.Send("GET /v1/status")).Status);
    }

    [Fact]
    public void A_user_who_left_the_group_keeps_his_session_and_nothing_else()
    {
        using var daemon = new DaemonLab().Started();
        var own = daemon.Begin(Person.OwnerInGroup, "own");
        var other = daemon.Begin(Person.Member, "of another");

        Assert.Equal(403, daemon.Ask(Person.Owner, "DELETE", $"/v1/sessions/{other}").Status);
        Assert.Equal(403, daemon.Ask(Person.Owner, "POST", "/v1/sessions", """{"label":"again"}""").Status);
        Assert.Equal(200, daemon.Ask(Person.Owner, "POST", $"/v1/sessions/{own}/heartbeat").Status);
        Assert.Equal(200, daemon.Ask(Person.Owner, "DELETE", $"/v1/sessions/{own}").Status);
        Assert.Equal(403, daemon.Ask(Person.Owner, "POST", $"/v1/sessions/{own}/heartbeat").Status);
        Assert.Equal([other], daemon.OpenSessions());
    }

    private static char Other(char letter, Random chance) =>
        letter == '-' ? letter : "0123456789abcdefghijklmnopqrstuvwxyz"[chance.Next(36)];
}
