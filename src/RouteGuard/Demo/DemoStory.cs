using System.Globalization;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Demo;

/// <summary>What the demo tells, act by act, with the kernel's table after each.</summary>
internal sealed class DemoStory(IDemoStage stage, string directory, TextWriter output, TimeProvider time)
{
    private const int Acts = 5;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private readonly DemoPage _page = new(output, Acts);

    /// <summary>How long the guard may take to put everything back by itself.</summary>
    public TimeSpan RestoreMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <returns>Done only when the table after each restore is the table before.</returns>
    public int Play()
    {
        _page.Say("A VPN takes the default route, dies, and the routing table comes back.", indent: 0);
        _page.Say(stage.Where, indent: 0);
        _page.Say("In each table + is new, - is gone, and the rest is as it was.", indent: 0);

        _page.Act("Before the VPN");
        _page.Say("A machine at home: one default for each family, and a route that somebody set by hand.");
        var before = Show();

        ConnectAndKill();
        var restored = RestoreByHand();
        var again = RestoreByItself();

        var isSame = IsSame(before, restored) && IsSame(before, again);
        output.WriteLine();
        _page.Say(
            isSame
                ? "The three tables are the same: before, put back by hand, put back by the guard."
                : "The tables differ: this is a fault of RouteGuard. Please report what is above.",
            indent: 0
        );
        if (isSame)
        {
            SayWhatNext();
        }

        return isSame ? ExitCode.Done : ExitCode.Failed;
    }

    private void ConnectAndKill()
    {
        using var vpn = stage.StartVpn();
        _page.Act("The VPN comes up");
        using (var guard = OpenGuard())
        {
            guard.Start();
            var session = Begin(guard, vpn);
            _page.Say("RouteGuard takes the baseline first, and it is on disk before the VPN may touch anything.");
            _page.Say("Then the VPN does the four steps of the question:");
            var table = stage.Kernel.Read();
            vpn.Connect();
            var names = stage.Kernel.Read().Names;
            var steps = DemoSteps.OfVpn(table, names);
            for (var at = 0; at < steps.Count; at++)
            {
                _page.Say($"{at + 1}. {DemoSteps.Why[at]}");
                _page.Say(steps[at].Describe(names), indent: 4);
            }

            guard.Up(session.Id, new(DemoSteps.Tunnel));
            Show();
        }

        _page.Act("The VPN is killed, and nobody watches");
        _page.Say(
            "The guard was stopped; then came kill -9. The tunnel is gone with its routes. What is left: no default as it was, and a host route that nobody needs."
        );
        vpn.Kill();
        Show();
    }

    private RouteTable RestoreByHand()
    {
        _page.Act("routeguard restore");
        _page.Say("The stored baseline is compared with the table, and each difference is a step with its reason:");
        using var guard = OpenGuard();
        guard.Load();
        foreach (var step in guard.Restore(null, isDryRun: false).Steps)
        {
            _page.Say(step.Step);
            _page.Say($"because it {step.Reason}", indent: 4);
        }

        return Show();
    }

    private RouteTable RestoreByItself()
    {
        _page.Act("Once more, and the guard is awake");
        _page.Say("The VPN comes up the same way and is killed the same way. No command is typed.");
        using var vpn = stage.StartVpn();
        using var guard = OpenGuard();
        guard.Start();
        var session = Begin(guard, vpn);
        vpn.Connect();
        guard.Up(session.Id, new(DemoSteps.Tunnel));
        guard.RunOnce(TimeSpan.Zero);
        vpn.Kill();
        var start = time.GetTimestamp();
        while (guard.Sessions.Count > 0 && time.GetElapsedTime(start) < RestoreMax)
        {
            guard.RunOnce(Turn);
        }

        var report = guard.Status().LastRestore;
        _page.Say(
            report is null
                ? "Nothing was restored."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Restored {report.Took.TotalMilliseconds:0.0} ms after the sign of death: {report.Cause}."
                )
        );
        return Show();
    }

    private void SayWhatNext()
    {
        output.WriteLine();
        _page.Say("What to do next:", indent: 0);
        _page.Say("sudo routeguard run -- openvpn --config home.conf   guards your VPN");
        _page.Say("sudo routeguard doctor            finds what a dead VPN left here");
        _page.Say("sudo routeguard restore --help    when your routes are lost already");
    }

    private static Session Begin(Guard guard, IDemoVpn vpn) =>
        guard.Begin(new("demo", vpn.Pid, DemoSteps.Tunnel, DeathPolicy.Restore, 0));

    // Each guard is as a process of its own: it knows what is on disk, and nothing else.
    private Guard OpenGuard()
    {
        var state = StateDirectory.Open(Path.Combine(directory, "state"));
        var journal = new JournalFile(state);
        var machine = stage.Open();
        return new(
            new(
                machine.Kernel,
                machine.Events,
                machine.Machine,
                new StateStore(state),
                journal,
                machine.Dns,
                NoLiveTruth.Instance
            ),
            new(),
            time,
            Random.Shared,
            [journal, state]
        );
    }

    private RouteTable Show()
    {
        var table = stage.Kernel.Read();
        _page.Show(table);
        return table;
    }

    private static bool IsSame(RouteTable one, RouteTable other) =>
        DemoPage.Lines(one, ofKernelToo: true).SequenceEqual(DemoPage.Lines(other, ofKernelToo: true));
}
