using RouteGuard.Core.Journal;
using RouteGuard.KernelTests.Lab;
using RouteGuard.Platform.Storage;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>RouteGuard killed at every system call by which a repair touches the disk or the kernel.</summary>
public sealed class KillMatrixTests
{
    // In JSON: for a person it also looks at the table before and after, on another thread, and strace counts calls by
    // thread.
    private static readonly string[] Restore = ["restore", "--offline", "--json"];

    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.WireGuardFull)]
    [InlineData(VpnKind.TunPersistent)]
    public void A_restore_that_is_killed_at_any_system_call_and_run_again_ends_in_the_same_table(VpnKind kind)
    {
        Needs.RootAnd("strace");
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Vpn.Kill();
        guarded.MustBeBroken();
        var wreck = new Wreck(guarded.Lab, guarded.Guard.StateFolder);
        var strace = new Strace(guarded.Lab, guarded.Guard.StateFolder);
        var command = guarded.Guard.Words(Restore);

        var calls = strace.Trace(command);
        guarded.MustBeAsBefore();
        Assert.Contains(calls, call => call.Line.Contains("NLM_F_ACK", StringComparison.Ordinal));
        foreach (var call in calls)
        {
            wreck.LayOut();
            var done = strace.KillAt(call, command);

            // The same calls as in the run that was not killed, up to the one that killed it.
            Assert.Equal(calls.Select(one => one.Name).Take(done.Count), done.Select(one => one.Name));
            Assert.Equal((call.Name, call.Nth), (done[^1].Name, done[^1].Nth));
            Assert.Matches(@"(= \?|<unfinished \.\.\.>)$", done[^1].Line);
            MustEndWell(guarded, wreck, call);
        }

        var kinds = calls.CountBy(call => call.Name).Select(one => $"{one.Key} {one.Value}");
        Matrix.Add(
            kind,
            "restore --offline killed",
            $"{calls.Count} points: {string.Join(", ", kinds)}",
            "as before, each time"
        );
    }

    private static void MustEndWell(GuardedVpn guarded, Wreck wreck, SystemCall call)
    {
        var again = guarded.Guard.Cli(Restore);
        var change = guarded.Change();
        Assert.True(
            again.ExitCode == 0 && change.Length == 0,
            $"Killed at {call.Line}\n{change}{again}\n{guarded.Guard.Journal}"
        );
        wreck.MustHaveLeftNothingInEtc();

        using var directory = StateDirectory.Open(guarded.Guard.StateFolder);
        var state = new StateStore(directory).Load();
        Assert.Empty(state.Sessions);
        Assert.Empty(state.Faults);
        using var journal = new JournalFile(directory);
        Assert.Empty(journal.OpenFaults);
        var tail = journal.ReadTail(RecordsMax);
        Assert.Empty(tail.Faults);
        Assert.Equal(JournalKind.SessionClosed, LastButNotes(tail.Records));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(guarded.Guard.StateFolder, "set-aside")));
    }

    private const int RecordsMax = 1000;

    private static JournalKind LastButNotes(IReadOnlyList<JournalRecord> records) =>
        records.Last(record => record.Kind is not JournalKind.Note).Kind;
}
