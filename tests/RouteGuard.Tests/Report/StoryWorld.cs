using RouteGuard.Core.Api;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Report;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Report;

/// <summary>A story with everything in it, told by a real guard in virtual time: a VPN comes up, somebody moves its
/// default, it dies, and the table is restored. Each step of the kernel takes 3 ms.</summary>
internal sealed class StoryWorld
{
    public const string Label = "Acme office";

    private const string TunnelDefault = "default dev tun0";

    private StoredSession? _stored;

    public StoryWorld()
    {
        World.Kernel.Refuse = _ =>
        {
            World.Time.Advance(TimeSpan.FromMilliseconds(3));
            return null;
        };
    }

    public GuardWorld World { get; } = new();

    /// <summary>The whole story; one minute later the report is made.</summary>
    public static ReportFacts Told()
    {
        var story = new StoryWorld();
        story.ComesUp();
        story.World.Run(TimeSpan.FromMinutes(12));
        story.IsMoved();
        story.World.Run(TimeSpan.FromMinutes(9));
        story.Dies();
        story.World.Run(TimeSpan.FromMinutes(1));
        return story.Facts(isGuarded: true);
    }

    public void ComesUp()
    {
        var session = World.Guard.Begin(new(Label, GuardWorld.Vpn.Pid, "tun0", DeathPolicy.Restore, 0));
        World.Time.Advance(TimeSpan.FromSeconds(40));
        World.FourSteps();
        World.Run(TimeSpan.FromSeconds(20));
        World.Guard.Up(session.Id, new("tun0"));
        _stored = World.Machine.Stored[session.Id];
    }

    /// <summary>Somebody deletes the tunnel's default; the guard puts it back.</summary>
    public void IsMoved()
    {
        World.Machine.Tell(new KernelEvent.RouteWritten(Prefix.DefaultV4, "NetworkManager (pid 812)"));
        World.Somebody(kernel => kernel.Delete(TunnelDefault));
        World.Guard.RunOnce(TimeSpan.Zero);
    }

    /// <summary>SIGKILL: the kernel takes the tunnel and both defaults that went by it.</summary>
    public void Dies()
    {
        _stored = World.Machine.Stored[_stored!.Session.Id];
        World.Kernel.Delete("default via 192.0.2.1 dev phys0 metric 4000");
        World.Machine.Processes.Remove(GuardWorld.Vpn);
        World.TunnelVanishes();
        World.Guard.RunOnce(TimeSpan.Zero);
    }

    public ReportFacts Facts(bool isGuarded)
    {
        var isOpen = World.Machine.Stored.Count > 0;
        StoredSession[] known =
        [
            .. isOpen ? World.Machine.Stored.Values : new[] { Closed(_stored) }.OfType<StoredSession>(),
        ];
        return new()
        {
            At = World.Time.GetUtcNow(),
            Version = "1.0",
            Machine = new("buildbox", "Debian GNU/Linux 12 (bookworm)", "Linux 6.12"),
            IsGuarded = isGuarded,
            Sessions = [.. known.Select(one => one.Session)],
            Before = known.Length > 0 ? known[0].Baseline.Table : null,
            During = known.Length > 0 ? ReportFacts.Wanted(known) : null,
            Now = World.Kernel.Table,
            Plan = View.Of(World.Guard.Restore(null, isDryRun: true)),
            Checks =
            [
                new("kernel", "ok", "Linux 6.12", null),
                new("daemon", "ok", "answers at /run/routeguard/routeguard.sock; the verdict is ok.", null),
                new(
                    "systemd-networkd",
                    "note",
                    "removes routes and rules of others when it configures a link or starts anew.",
                    "In /etc/systemd/networkd.conf: [Network] ManageForeignRoutes=no"
                ),
            ],
            Residue = [],
            Journal = JournalExcerpt.Of(World.Machine.Records),
            Notes = [],
        };
    }

    private static StoredSession? Closed(StoredSession? stored) =>
        stored is null ? null : stored with { Session = stored.Session with { Phase = SessionPhase.Closed } };
}
