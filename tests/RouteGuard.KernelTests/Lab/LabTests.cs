namespace RouteGuard.KernelTests.Lab;

/// <summary>The lab's own instruments: what they cannot see, no test can show.</summary>
public sealed class LabTests
{
    [Fact]
    public void A_difference_is_told_under_the_question_that_shows_it()
    {
        var before = TableText.Parse("## ip -4 rule\n0: a\n5: b\n## cat /etc/resolv.conf\nnameserver 192.0.2.1\n");
        var after = TableText.Parse("## ip -4 rule\n0: a\n7: c\n## cat /etc/resolv.conf\nnameserver 192.0.2.1\n");

        Assert.Equal("## ip -4 rule\n- 5: b\n+ 7: c\n", before.Against(after));
        Assert.Equal(string.Empty, before.Against(before));
    }

    [Fact]
    public void Another_order_is_a_difference()
    {
        var before = TableText.Parse("## ip -4 rule\n5: b\n5: c\n");
        var after = TableText.Parse("## ip -4 rule\n5: c\n5: b\n");

        Assert.Contains("in another order", before.Against(after), StringComparison.Ordinal);
    }

    [Fact]
    public void Seconds_to_live_and_a_missing_carrier_are_no_difference()
    {
        var before = TableText.Parse(
            "## r\ndefault via 2001:db8::1 dev phys0 proto ra metric 100 expires 1799sec pref medium\n"
        );
        var after = TableText.Parse(
            "## r\ndefault via 2001:db8::1 dev phys0 proto ra metric 100 expires 7sec pref medium linkdown\n"
        );

        Assert.Equal(string.Empty, before.Against(after));
    }

    [Fact]
    public void A_change_back_and_forth_does_not_escape_the_watch()
    {
        Needs.RootAnd();
        using var lab = new VpnLab(BaselineKind.Plain);
        var watch = new KernelWatch(lab.Host);
        watch.MustHaveHeardNothing();

        lab.Host.Ip(
            "route delete 172.16.0.0/16\nroute add 172.16.0.0/16 via 192.0.2.1 dev phys0 proto static metric 50"
        );

        Assert.Equal(string.Empty, lab.ChangeSinceBefore());
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(watch.MustHaveHeardNothing);
    }

    [Fact]
    public void The_lab_does_not_touch_the_names_of_the_machine_it_runs_on()
    {
        Needs.RootAnd();
        var before = File.ReadAllText("/etc/resolv.conf");
        using var lab = new VpnLab(BaselineKind.Plain);

        lab.Host.Must("sh", "-c", "echo nameserver 192.0.2.53 > /etc/resolv.conf");

        Assert.Equal(before, File.ReadAllText("/etc/resolv.conf"));
        Assert.Contains("192.0.2.53", lab.ChangeSinceBefore(), StringComparison.Ordinal);
    }
}
