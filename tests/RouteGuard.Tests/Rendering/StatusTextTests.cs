using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Tests.Rendering;

/// <summary>The one screen that is read when the network is broken.</summary>
public sealed class StatusTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_verdict_is_a_sentence_and_each_family_a_line() =>
        Assert.Equal(
            """
            guarding: all traffic of IPv4 leaves by tun0; IPv6 leaves by phys0

            FAMILY  BY     OWNER     COVERS  SERVER    BASELINE  RESTORABLE
            IPv4    tun0   session   all     by phys0  12 s      yes
            IPv6    phys0  baseline  -       -         12 s      yes

            ID       PHASE  OWNER  TUNNEL  LABEL
            s-first  up     4711   tun0    work

            last restore  restored, 1 step in 1.5 ms, 3 min ago, because the tunnel went
            counted       1 drift, 2 steps put back, nothing leaked
            daemon        RouteGuard 1.0.0, looked 2 s ago

            """,
            Print(Status("guarding", Tunneled(), Plain("ipv6", "phys0")), Screen.Plain)
        );

    [Theory]
    [InlineData("ok", "phys0", "phys0", "ok: no VPN is guarded; IPv4 and IPv6 leave by phys0")]
    [InlineData("ok", "phys0", null, "ok: no VPN is guarded; IPv4 leaves by phys0; no way out for IPv6")]
    [InlineData("degraded", null, null, "degraded: no way out for IPv4 and IPv6")]
    public void Families_that_leave_in_the_same_way_share_a_clause(
        string verdict,
        string? v4,
        string? v6,
        string line
    ) =>
        Assert.StartsWith(
            line + "\n",
            Print(Status(verdict, Plain("ipv4", v4), Plain("ipv6", v6)), Screen.Plain),
            StringComparison.Ordinal
        );

    [Fact]
    public void Before_the_first_look_the_verdict_stands_alone() =>
        Assert.StartsWith("restoring\n", Print(Status("restoring"), Screen.Plain), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, true, false, "guarding: IPv4 leaves by tun0")]
    [InlineData(false, true, true, "guarding: IPv4 leaves by tun0")]
    [InlineData(true, false, true, "guarding: IPv4 leaves by tun0")]
    [InlineData(true, true, true, "guarding: all traffic of IPv4 leaves by tun0")]
    public void All_is_said_only_where_all_is_true(bool isWhole, bool isFull, bool isComplete, string line)
    {
        var usual = Tunneled();
        var family = usual with
        {
            DefaultPath = usual.DefaultPath with { IsWhole = isWhole },
            Coverage = usual.Coverage! with { IsFull = isFull, IsComplete = isComplete },
        };
        Assert.StartsWith(line + "\n", Print(Status("guarding", family), Screen.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_comes_first_and_says_what_to_do()
    {
        var family = Tunneled() with
        {
            Coverage = new(
                "tun0",
                "0.0.0.0/0",
                IsFull: true,
                IsComplete: false,
                "0.0.0.0/1",
                ["198.51.100.0/24 dev phys0"]
            ),
            ServerPath = new("203.0.113.2", "tun0", IsOutsideTunnel: false),
            Baseline = new(3600 * 5, IsOfThisNetwork: false),
            IsRestorable = false,
            WhyNot = "The machine is on another network.",
        };
        var status = Status("contested", family) with
        {
            Problems = ["Cannot write: no rights. Use sudo."],
            Drift = [.. Enumerable.Range(0, 7).Select(at => $"missing: 10.{at}.0.0/16 dev tun0")],
            Contests = ["0.0.0.0/1 is left to rivald (pid 66) until 12:00:30"],
        };
        var lines = Print(status, Screen.Plain).Split('\n');
        Assert.Equal(
            [
                "contested: IPv4 leaves by tun0",
                "problem      Cannot write: no rights. Use sudo.",
                "lost         IPv4: 0.0.0.0/1 does not leave by tun0 any more",
                "bypass       IPv4: 198.51.100.0/24 dev phys0",
                "server       IPv4: 203.0.113.2 is reached by tun0: the tunnel would carry itself",
                "no way back  IPv4: The machine is on another network.",
                .. status.Drift.Take(5).Select(drift => $"drift        {drift}"),
                "drift        … and 2 more",
                "do           routeguard plan says what a restore would do; routeguard history says who changed it",
                "rival        0.0.0.0/1 is left to rivald (pid 66) until 12:00:30",
                "do           Stop the other program, or end the session: routeguard session end ID",
                "",
                "FAMILY  BY    OWNER    COVERS   SERVER       BASELINE         RESTORABLE",
                "IPv4    tun0  session  not all  inside tun0  another network  no",
            ],
            lines[..18]
        );
    }

    [Fact]
    public void What_leaves_by_several_interfaces_leaves_and_what_is_unreachable_does_not()
    {
        var several = Plain("ipv4", "x") with { DefaultPath = new("machine", null, null, "default nexthop", true) };
        var refused = Plain("ipv6", null) with { DefaultPath = new("none", null, null, "unreachable ::/1", true) };
        var shown = Print(Status("degraded", several, refused), Screen.Plain);
        Assert.StartsWith(
            "degraded: IPv4 leaves by several interfaces; no way out for IPv6\n",
            shown,
            StringComparison.Ordinal
        );
        Assert.Matches(@"\nIPv4 +several interfaces +machine .*\nIPv6 +nothing +- ", shown);
    }

    [Fact]
    public void A_loss_that_the_drift_names_is_not_named_twice()
    {
        var family = Tunneled() with { Coverage = new("tun0", "0.0.0.0/0", true, false, "0.0.0.0/1", []) };
        var status = Status("drift", family) with { Drift = ["leaves by tun0 no more: 0.0.0.0/1"] };
        Assert.Equal(2, Print(status, Screen.Plain).Split("0.0.0.0/1").Length);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(40, 60)]
    public void It_is_one_screen(int width, int height)
    {
        var status = Status("drift", Tunneled(), Plain("ipv6", "phys0")) with
        {
            Problems = ["Cannot ask the kernel: the kernel says EPERM (1). Use sudo, or ask somebody who may."],
            Drift = ["missing: 203.0.113.2 via 192.0.2.1 dev phys0, by somebody with a long name (pid 4194304)"],
        };
        var lines = Print(status, new(width, IsTerminal: true, HasColor: false)).TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 10, height);
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
    }

    [Fact]
    public void No_name_of_a_session_an_interface_or_a_rival_is_obeyed()
    {
        const string Evil = "[red]\e[2J\nok: all is well[/]";
        var family = Tunneled() with { DefaultPath = new("session", "s", Evil, Evil, IsWhole: true), WhyNot = Evil };
        var status = Status(Evil, family) with
        {
            Problems = [Evil],
            Drift = [Evil],
            Contests = [Evil],
            Sessions = [Status("ok").Sessions[0] with { Label = Evil, Tunnel = Evil }],
        };
        foreach (var screen in new[] { Screen.Plain, new(80, IsTerminal: true, HasColor: false) })
        {
            var shown = Print(status, screen);
            Assert.DoesNotContain('\e', shown);
            Assert.DoesNotContain(shown.Split('\n'), line => line.StartsWith("ok:", StringComparison.Ordinal));
            Assert.Contains(@"[red]\x1b[2J\x0aok:", shown, StringComparison.Ordinal);
        }
    }

    private static string Print(StatusView status, Screen screen) => Sheet.Print(StatusText.Print(status, Now), screen);

    private static StatusView Status(string verdict, params FamilyView[] families) =>
        new(
            "1.0.0",
            verdict,
            [],
            [],
            [new("s-first", "work", "up", "restore", 4711, 0, "tun0", Now, [], [], [], []) { OnDrift = "reassert" }],
            Now - TimeSpan.FromSeconds(2),
            new("restored", Now - TimeSpan.FromMinutes(3), 1.5, "the tunnel went", ["s-first"], [], 1, [], [])
        )
        {
            Families = families,
            Contests = [],
            Meter = new(2, 1, 0),
        };

    private static FamilyView Tunneled() =>
        new(
            "ipv4",
            "guarding",
            new("session", "s-first", "tun0", "default dev tun0", IsWhole: true),
            new("203.0.113.2", "phys0", IsOutsideTunnel: true),
            new("tun0", "0.0.0.0/0", IsFull: true, IsComplete: true, null, []),
            new(12, IsOfThisNetwork: true),
            [],
            null,
            true,
            null
        );

    private static FamilyView Plain(string family, string? device) =>
        new(
            family,
            "ok",
            new(device is null ? "none" : "baseline", null, device, null, IsWhole: true),
            null,
            null,
            new(12, IsOfThisNetwork: true),
            [],
            null,
            true,
            null
        );
}
