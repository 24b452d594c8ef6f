using RouteGuard.KernelTests.Lab;
using RouteGuard.KernelTests.Vpn;
using RouteGuard.Platform.Recording;

namespace RouteGuard.KernelTests.Report;

/// <summary>The report of a lab in which a VPN was killed, by the program as a user types it.</summary>
public sealed class ReportTests
{
    [Fact]
    public void A_report_after_a_kill_tells_of_it_and_its_record_can_be_replayed()
    {
        using var guarded = new GuardedVpn(VpnKind.TunFourSteps, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.Vpn.Kill();
        guarded.MustBecomeAsBefore();
        guarded.Guard.WaitForNoSession();
        var page = Path.Combine(guarded.Lab.Folder, "report.html");

        guarded.Guard.Must("report", "--output", page, "--record", "--seconds", "1");

        var html = File.ReadAllText(page);
        Assert.Contains("A VPN died, and the table was restored", html, StringComparison.Ordinal);
        Assert.Contains("tun7 (tunnel)", html, StringComparison.Ordinal);
        Assert.Contains("phys0 (the machine&#39;s own)", html, StringComparison.Ordinal);
        Assert.Contains("no session was open", html, StringComparison.Ordinal);
        Assert.Contains("<td data-head=\"Because it\">was made by the session</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.10", html, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.2 ", html, StringComparison.Ordinal);

        var file = Path.ChangeExtension(page, "record.jsonl");
        Assert.True(RecordFile.TryRead(File.ReadAllBytes(file), out var record, out var problem), problem);
        Assert.Equal(["before", "during", "now"], record.Tables.Select(table => table.Name));
        Assert.Equal(record.Tables[^1].Lines, RecordedTable.Of("now", record.Traffic.Table).Lines);
        var shown = guarded.Guard.Must("routes", "--from", file);
        Assert.Contains(record.Tables[^1].Lines[0], shown, StringComparison.Ordinal);
    }
}
