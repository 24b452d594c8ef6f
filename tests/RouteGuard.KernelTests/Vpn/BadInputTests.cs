using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>What must be refused: a clear error, an exit code, nothing lost, nothing written to the kernel.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const int NotPermitted = 3;
    private const int NoDaemon = 4;

    private static readonly string[] PlainUser = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    private readonly VpnLab _lab;
    private readonly RouteGuardUnderTest _guard;

    public BadInputTests()
    {
        Needs.RootAnd("setpriv");
        _lab = new VpnLab(BaselineKind.Dhcp100);
        _guard = new RouteGuardUnderTest(_lab);
    }

    /// <summary>Ways in which a file of the state may be damaged.</summary>
    public static TheoryData<string, string> Damages =>
        new()
        {
            { "cut in half", "truncate -s $(( $(stat -c %s FILE) / 2 )) FILE" },
            { "emptied", "truncate -s 0 FILE" },
            { "overwritten", "head -c 4096 /dev/urandom > FILE" },
            { "replaced by a folder", "rm FILE && mkdir FILE" },
        };

    [Theory]
    [InlineData("up")]
    [InlineData("end")]
    [InlineData("show")]
    public void An_unknown_session_is_named_and_nothing_happens(string verb)
    {
        _guard.StartDaemon();

        MustRefuse(Failed, ["session", verb, "nobody"], "nobody");
    }

    [Fact]
    public void An_unknown_session_cannot_be_restored()
    {
        MustRefuse(Failed, ["restore", "--offline", "--session", "nobody"], "nobody");
    }

    [Fact]
    public void A_session_id_cannot_be_a_path()
    {
        _guard.StartDaemon();

        MustRefuse(Usage, ["session", "end", "../../etc"], "../../etc");
    }

    [Fact]
    public void A_process_that_is_gone_cannot_own_a_session()
    {
        _guard.StartDaemon();
        var gone = _lab.Host.Start("true");
        gone.WaitForExit();

        MustRefuse(Failed, ["session", "begin", "--label", "gone", "--pid", $"{gone.Pid}"], $"{gone.Pid}");
    }

    [Fact]
    public void A_plain_user_cannot_begin_a_session()
    {
        _guard.StartDaemon();

        MustRefuse(NotPermitted, ["session", "begin", "--label", "not mine"], "uid 65534", PlainUser);
    }

    [Fact]
    public void A_process_of_another_user_cannot_own_a_session_of_the_group()
    {
        _lab.Host.Must("sh", "-c", "echo routeguard:x:4242: >> /etc/group");
        _guard.StartDaemon();
        string[] member = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=4242"];

        MustRefuse(NotPermitted, ["session", "begin", "--label", "not mine", "--pid", "1"], "another user", member);
        Assert.NotEmpty(_guard.CliBy(member, "session", "begin", "--label", "mine").MustExit(0).Output);
    }

    [Theory]
    [InlineData("session", "begin", "--pid", "minus one")]
    [InlineData("session", "begin", "--no-such-option", "x")]
    [InlineData("no-such-command", "", "", "")]
    public void Words_that_make_no_sense_are_a_usage_error(string first, string second, string third, string fourth)
    {
        string[] words = [.. new[] { first, second, third, fourth }.Where(word => word.Length > 0)];

        MustRefuse(Usage, words, string.Empty);
    }

    [Fact]
    public void Without_a_daemon_a_session_cannot_begin()
    {
        MustRefuse(NoDaemon, ["session", "begin", "--label", "nobody listens"], "Cannot");
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_baseline_is_set_aside_and_nothing_is_guessed(string damage, string how)
    {
        _guard.StartDaemon();
        _guard.Must("session", "begin", "--label", damage);
        _guard.KillDaemon();
        var file = Assert.Single(Directory.GetFiles(_guard.StateFolder, "baseline*.json", SearchOption.AllDirectories));
        _lab.Host.Must("sh", "-c", how.Replace("FILE", file, StringComparison.Ordinal));
        var entries = Entries();

        MustRefuse(Failed, ["restore", "--offline"], "baseline");

        Assert.True(Entries() >= entries, "A damaged file was deleted.");
    }

    [Fact]
    public void A_damaged_baseline_does_not_keep_the_daemon_from_starting()
    {
        _guard.StartDaemon();
        _guard.Must("session", "begin", "--label", "damaged");
        _guard.KillDaemon();
        var file = Assert.Single(Directory.GetFiles(_guard.StateFolder, "baseline*.json", SearchOption.AllDirectories));
        File.WriteAllText(file, "{");

        _guard.StartDaemon();

        Assert.Contains("baseline", _guard.Must("status", "--json"), StringComparison.Ordinal);
        Assert.NotEmpty(_guard.Must("session", "begin", "--label", "the next"));
    }

    [Fact]
    public void A_torn_journal_does_not_stop_a_restore()
    {
        _guard.StartDaemon();
        _guard.Must("session", "begin", "--label", "torn");
        _guard.KillDaemon();
        _lab.Host.Ip("route delete default via 192.0.2.1 dev phys0");
        var journal = Directory.GetFiles(_guard.StateFolder, "journal*", SearchOption.AllDirectories);
        Assert.NotEmpty(journal);
        _lab.Host.Must("truncate", "-s", "-3", journal[0]);

        _guard.Must("restore", "--offline");

        Assert.Equal(string.Empty, _lab.ChangeSinceBefore());
    }

    [Fact]
    public void Without_the_privilege_a_restore_says_which_and_loses_nothing()
    {
        _guard.StartDaemon();
        _guard.Must("session", "begin", "--label", "no privilege");
        _guard.KillDaemon();
        _lab.Host.Ip("route delete default via 192.0.2.1 dev phys0");

        MustRefuse(
            NotPermitted,
            ["restore", "--offline"],
            "EPERM",
            ["setpriv", "--inh-caps=-net_admin", "--bounding-set=-net_admin"]
        );

        _guard.Must("restore", "--offline");
        Assert.Equal(string.Empty, _lab.ChangeSinceBefore());
    }

    [Fact]
    public void A_plain_user_cannot_restore_without_the_daemon()
    {
        _guard.StartDaemon();
        _guard.Must("session", "begin", "--label", "plain user");
        _guard.KillDaemon();

        MustRefuse(NotPermitted, ["restore", "--offline"], "Cannot", PlainUser);
    }

    public void Dispose() => _lab?.Dispose();

    /// <summary>Runs a command that must end with this code, say this word, and leave the kernel as it is.</summary>
    private void MustRefuse(int code, string[] words, string says, string[]? wrapper = null)
    {
        var watch = new KernelWatch(_lab.Host);

        var answer = _guard.CliBy(wrapper ?? [], words).MustExit(code);

        var said = answer.Output + answer.Errors;
        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        watch.MustHaveHeardNothing();
    }

    private int Entries() =>
        Directory.GetFileSystemEntries(_guard.StateFolder, "*", SearchOption.AllDirectories).Length;
}
