using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>A lab with RouteGuard's daemon and one VPN, started the way its users would.</summary>
internal sealed class GuardedVpn : IDisposable
{
    private LabProcess? _run;

    /// <summary>Makes the lab and starts the daemon, if there is to be one; the VPN is not started yet.</summary>
    public GuardedVpn(VpnKind kind, BaselineKind baseline, bool hasDaemon = true)
    {
        Needs.RootAnd(VpnProgram.Programs(kind));
        Lab = new VpnLab(baseline);
        try
        {
            Vpn = VpnProgram.Create(kind, Lab);
            Guard = new RouteGuardUnderTest(Lab);
            if (hasDaemon)
            {
                Guard.StartDaemon();
            }
        }
        catch
        {
            Lab.Dispose();
            throw;
        }
    }

    public VpnLab Lab { get; }

    public VpnProgram Vpn { get; }

    public RouteGuardUnderTest Guard { get; }

    /// <summary>The session, where this test began it by hand.</summary>
    public string Session { get; private set; } = string.Empty;

    /// <summary><c>routeguard run</c>, where that started the VPN.</summary>
    public LabProcess Run => _run ?? throw new InvalidOperationException("This VPN was not started by run.");

    /// <summary>Begins a session and starts the VPN, which brings its routes in; nobody says "up".</summary>
    public void Start()
    {
        if (Vpn.Foreground is { } command)
        {
            _run = Guard.Start(["run", "--", .. command]);
        }
        else
        {
            Session = Guard.Must("session", "begin", "--label", "by hand", "--tunnel", Vpn.Tunnel);
            Vpn.Start();
        }

        Vpn.WaitUp();
    }

    /// <summary>The same, and the overlay is known: said by the test, or learned from the silence.</summary>
    public void StartAndConfirm()
    {
        Start();
        if (Session.Length > 0)
        {
            Guard.Must("session", "up", Session);
        }

        Guard.WaitForPhase("up");
    }

    /// <summary>SIGKILL for RouteGuard: its daemon, and <c>run</c>, if that waits for the VPN.</summary>
    public void KillRouteGuard()
    {
        Guard.KillDaemon();
        if (_run is not null)
        {
            _run.Kill();
            _run.WaitForExit();
        }
    }

    /// <summary>A clean stop, after which the session is ended by whoever began it.</summary>
    public void Stop()
    {
        Vpn.Stop();
        if (_run is not null)
        {
            _run.WaitForExit().MustExit(0);
        }
        else
        {
            Guard.Must("session", "end", Session);
        }
    }

    /// <summary>Fails unless the tables are what they were before, now.</summary>
    public void MustBeAsBefore() =>
        Assert.True(
            Change().Length == 0,
            $"The tables are not as before:\n{Change()}\n{Guard.DaemonLog}\n{Guard.Journal}"
        );

    /// <summary>Fails when the tables are as before: then the test would show nothing.</summary>
    public void MustBeBroken() => Assert.NotEqual(string.Empty, Change());

    /// <summary>Waits until the tables are what they were before, by nobody's command.</summary>
    public void MustBecomeAsBefore() =>
        Eventually.Holds(
            "the tables are as before",
            () => Change().Length == 0,
            () => $"{Change()}\n{Guard.DaemonLog}"
        );

    public void Dispose() => Lab.Dispose();

    /// <summary>How the tables differ from before; empty when they do not.</summary>
    public string Change() => Vpn.Comparable(Lab.Before).Against(Vpn.Comparable(Lab.Tables()));
}
