using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

public sealed class AccessTests
{
    private const uint OwnUid = 300;
    private const uint SessionUid = 1000;

    // who: may ask for health, read, write, write this session, read what became of this request
    [Theory]
    [InlineData("root", 0, false, "yes yes yes yes yes")]
    [InlineData("the daemon's own user", OwnUid, false, "yes yes yes yes yes")]
    [InlineData("a member of the group", 1001, true, "yes yes yes yes yes")]
    [InlineData("the session's user", SessionUid, false, "yes no no yes yes")]
    [InlineData("a stranger", 1002, false, "yes no no no no")]
    [InlineData("nobody that the kernel names", uint.MaxValue, false, "yes no no no no")]
    public void Who_may_do_what(string who, uint uid, bool isInGroup, string expected)
    {
        var peer = new Peer(4711, uid, isInGroup);
        var answers = new[] { Ask.Health, Ask.Read, Ask.Write, Ask.WriteSession, Ask.ReadOperation }.Select(ask =>
            Access.IsAllowed(peer, ask, OwnUid, SessionUid) ? "yes" : "no"
        );
        Assert.Equal($"{who}: {expected}", $"{who}: {string.Join(' ', answers)}");
    }

    [Fact]
    public void A_session_that_is_not_there_belongs_to_nobody() =>
        Assert.False(Access.IsAllowed(new(1, uint.MaxValue, IsInGroup: false), Ask.WriteSession, OwnUid, ofUid: null));
}
