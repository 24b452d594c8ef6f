using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>The state lives on a small disk, and the disk is full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string Disk = "/run/small";

    private readonly VpnLab _lab;
    private readonly RouteGuardUnderTest _guard;

    public FullDiskTests()
    {
        Needs.RootAnd();
        _lab = new VpnLab(BaselineKind.Dhcp100);
        _lab.Host.Must("sh", "-c", $"mkdir {Disk} && mount -t tmpfs -o size=1m small {Disk}");
        _guard = new RouteGuardUnderTest(_lab, stateFolder: $"{Disk}/state");
        _guard.StartDaemon();
    }

    [Fact]
    public void A_session_that_cannot_be_stored_is_not_begun()
    {
        Fill();
        var watch = new KernelWatch(_lab.Host);

        var answer = _guard.Cli("session", "begin", "--label", "no room").MustExit(1);

        Assert.Contains("Cannot", answer.Errors, StringComparison.Ordinal);
        Assert.Contains("ENOSPC", answer.Errors, StringComparison.Ordinal);
        watch.MustHaveHeardNothing();
        Free();
        Assert.NotEmpty(_guard.Must("session", "begin", "--label", "room again"));
    }

    [Fact]
    public void A_full_disk_does_not_stop_the_repair()
    {
        var vpn = VpnProgram.Create(VpnKind.TunFourSteps, _lab);
        _guard.Must("session", "begin", "--label", "full", "--tunnel", vpn.Tunnel);
        vpn.Start();
        vpn.WaitUp();
        Fill();

        vpn.Kill();

        Eventually.Holds(
            "the tables are as before",
            () => _lab.ChangeSinceBefore().Length == 0,
            () => $"{_lab.ChangeSinceBefore()}{_guard.DaemonLog}"
        );
    }

    [Fact]
    public void A_full_disk_does_not_stop_an_offline_restore()
    {
        _guard.Must("session", "begin", "--label", "full");
        _guard.KillDaemon();
        _lab.Host.Ip("route delete default via 192.0.2.1 dev phys0");
        Fill();

        _guard.Cli("restore", "--offline");

        Assert.Equal(string.Empty, _lab.ChangeSinceBefore());
    }

    public void Dispose() => _lab?.Dispose();

    private void Fill() => _lab.Host.Run("sh", "-c", $"cat /dev/zero > {Disk}/filler; : | cat > {Disk}/filler2");

    private void Free() => _lab.Host.Must("rm", $"{Disk}/filler");
}
