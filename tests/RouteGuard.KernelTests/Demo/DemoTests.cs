using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Demo;

/// <summary>routeguard demo as a person starts it: on the real kernel where it may, in memory where not.</summary>
public sealed class DemoTests
{
    private const string Same = "The three tables are the same";

    [Theory]
    [InlineData("as root")]
    [InlineData("as nobody, in a user namespace")]
    public void It_plays_on_the_real_kernel_and_leaves_nothing(string who)
    {
        Needs.RootAnd("unshare", "setpriv");
        using var lab = new VpnLab(BaselineKind.Dhcp100);
        var guard = new RouteGuardUnderTest(lab);
        string[] wrapper =
            who == "as root" ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp"];

        // Where udev rules, anybody may open it; where it is root's alone, nobody is shown the simulated kernel.
        var tun = Path.Combine(lab.Folder, "tun");
        lab.Host.Must("mknod", "--mode=666", tun, "c", "10", "200");
        lab.Host.Must("mount", "--bind", tun, "/dev/net/tun");
        Assert.SkipUnless(
            wrapper.Length == 0 || lab.Host.Run([.. wrapper, "unshare", "--user", "--net", "true"]).ExitCode == 0,
            "Needs a kernel that lets users have namespaces of their own."
        );

        var told = guard.CliBy(wrapper, "demo").MustExit(0);

        Assert.Contains("It plays on the real kernel", told.Output, StringComparison.Ordinal);
        Assert.Matches("after the sign of death: its tunnel tun0 (went down|is gone)", told.Output);
        Assert.Contains(Same, told.Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, told.Errors);
        Assert.All(told.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Equal(string.Empty, lab.ChangeSinceBefore());
    }

    [Fact]
    public void Where_no_namespace_is_to_be_had_it_plays_in_memory_and_says_so()
    {
        Needs.RootAnd("unshare");
        using var lab = new VpnLab(BaselineKind.Plain);
        var guard = new RouteGuardUnderTest(lab);
        // A user namespace whose bound of network namespaces is none.
        const string Without = "echo 0 > /proc/sys/user/max_net_namespaces; exec \"$@\"";

        var told = guard.CliBy(["unshare", "--user", "--map-root-user", "sh", "-c", Without, "sh"], "demo").MustExit(0);

        Assert.Contains("The kernel is simulated", told.Output, StringComparison.Ordinal);
        Assert.Contains(Same, told.Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, told.Errors);
        Assert.Equal(string.Empty, lab.ChangeSinceBefore());
    }

    [Fact]
    public void Its_inner_half_refuses_a_namespace_that_is_in_use()
    {
        Needs.RootAnd();
        using var lab = new VpnLab(BaselineKind.Plain);

        var refused = new RouteGuardUnderTest(lab).Cli("demo-inside").MustExit(1);

        const string Sentence = "Cannot play the demo: this network namespace is in use.";
        Assert.StartsWith(Sentence, refused.Errors, StringComparison.Ordinal);
        Assert.Equal(string.Empty, lab.ChangeSinceBefore());
    }
}
