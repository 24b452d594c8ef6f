using System.Text.Json;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>The daemon as a process: its signals, its umask, and what it makes of its environment.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly string[] PlainUser = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    private readonly VpnLab _lab;
    private readonly RouteGuardUnderTest _guard;

    public ProcessTests()
    {
        Needs.RootAnd("setpriv", "ss");
        _lab = new VpnLab(BaselineKind.Dhcp100);
        _guard = new RouteGuardUnderTest(_lab);
    }

    private string Configuration => Path.Combine(_lab.Folder, "routeguard.json");

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void SIGHUP_has_the_configuration_read_again_and_SIGTERM_ends_it_well()
    {
        File.WriteAllText(Configuration, """{"sessions":{"onDeath":"hold"}}""");
        _guard.StartDaemon("--config", Configuration);
        Assert.Equal("hold", OnDeathOfANewSession());

        File.WriteAllText(Configuration, """{"sessions":{"onDeath":"keep"}}""");
        _lab.Host.Signal(_guard.DaemonPid, "HUP");
        Eventually.Holds("it is read again", () => _guard.DaemonLog.Contains("was read again", Ordinal));
        Assert.Equal("keep", OnDeathOfANewSession());

        File.WriteAllText(Configuration, """{"sessions":{"onDeath":"explode"}}""");
        _lab.Host.Signal(_guard.DaemonPid, "HUP");
        Eventually.Holds(
            "the wrong one is told",
            () =>
                _guard.DaemonLog.Contains("sessions.onDeath is \"explode\", and may be restore, hold or keep.", Ordinal)
        );
        Assert.Equal("keep", OnDeathOfANewSession());

        _lab.Host.Signal(_guard.DaemonPid, "TERM");
        _guard.WaitForDaemon().MustExit(0);
        Assert.False(File.Exists(Path.Combine(_guard.RuntimeFolder, "routeguard.sock")));
    }

    [Fact]
    public void What_the_daemon_makes_is_for_its_owner_alone_and_what_it_runs_for_a_user_is_not()
    {
        _guard.StartDaemon();
        Assert.Contains("Umask:\t0077\n", File.ReadAllText($"/proc/{_guard.DaemonPid}/status"), Ordinal);
        Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(_guard.StateFolder), 8));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(_guard.RuntimeFolder), 8));
        _guard.KillDaemon();

        // Without a daemon `run` is one itself.
        var own = string.Join(' ', _guard.Words("run", "--", "sh", "-c", "umask"));
        Assert.Equal("0027", _lab.Host.Must("sh", "-c", $"umask 027; {own}").Trim());
    }

    [Fact]
    public void Roots_environment_names_no_folder_and_a_plain_users_does()
    {
        _lab.Host.Environment["ROUTEGUARD_RUNTIME_DIR"] = "/tmp/elsewhere";
        string[] words = _guard.WordsWithoutFolders("status");
        Assert.Contains("/run/routeguard/routeguard.sock", _lab.Host.Run(words).MustExit(4).Errors, Ordinal);
        Assert.Contains(
            "/tmp/elsewhere/routeguard.sock",
            _lab.Host.Run([.. PlainUser, .. words]).MustExit(4).Errors,
            Ordinal
        );
    }

    [Fact]
    public void No_variable_opens_a_port()
    {
        foreach (var name in new[] { "ASPNETCORE_URLS", "DOTNET_URLS", "URLS" })
        {
            _lab.Host.Environment[name] = "http://0.0.0.0:5999";
        }

        _lab.Host.Environment["ASPNETCORE_HTTP_PORTS"] = "5998";
        _lab.Host.Environment["Kestrel__Endpoints__Http__Url"] = "http://0.0.0.0:5997";
        _guard.StartDaemon();
        Assert.Equal("", _lab.Host.Must("ss", "-Hltn").Trim());
    }

    private string? OnDeathOfANewSession()
    {
        var id = _guard.Must("session", "begin", "--label", "signals");
        using var shown = JsonDocument.Parse(_guard.Must("session", "show", id, "--json"));
        _guard.Must("session", "end", id);
        return shown.RootElement.GetProperty("onDeath").GetString();
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;
}
