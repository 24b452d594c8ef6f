using System.Diagnostics;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.KernelTests.Storage;

/// <summary>Storage on a real file system (a small tmpfs) that has no room left, for bytes or for names.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string FullOfBytes = "size=192k";
    private const string FullOfNames = "size=8m,nr_inodes=24";
    private const string NoSpace =
        "no space left on device (ENOSPC) in the state directory. Free some space; routes are still guarded.";
    private const int FilesMax = 100;
    private const int AppendsMax = 10_000;

    private readonly string _mount = Directory.CreateTempSubdirectory("routeguard-full-").FullName;
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted)
        {
            Assert.True(Run("umount", _mount), $"{_mount} is still in use.");
        }

        Directory.Delete(_mount);
    }

    [Theory]
    [InlineData(FullOfBytes)]
    [InlineData(FullOfNames)]
    public void A_full_disk_loses_nothing_says_so_and_works_again_when_there_is_room(string size)
    {
        Mount(size);
        var old = NewSession("vpn-1", "old");
        var baseline = NewBaseline();
        using (var directory = StateDirectory.Open(Path.Join(_mount, "state")))
        {
            var store = new StateStore(directory);
            store.Create(old, baseline);
            store.Save(old);
            Fill();

            var large = old with { Label = new('x', 100_000) };
            Assert.Equal(
                $"Cannot store session vpn-1: {NoSpace}",
                Assert.Throws<StateStoreException>(() => store.Save(large)).Message
            );
            Assert.Equal(
                $"Cannot store session vpn-2: {NoSpace}",
                Assert.Throws<StateStoreException>(() => store.Create(NewSession("vpn-2", ""), baseline)).Message
            );
            Assert.Equal(
                ["vpn-1"],
                Directory.GetFileSystemEntries(Path.Join(_mount, "state/sessions")).Select(Path.GetFileName)
            );
        }

        // A daemon that starts on the full disk finds everything.
        using var again = StateDirectory.Open(Path.Join(_mount, "state"));
        var found = new StateStore(again).Load();
        Assert.Empty(found.Faults);
        Assert.Equal(old, Assert.Single(found.Sessions).Session);
        Assert.Equal(baseline.Table.Routes, found.Sessions[0].Baseline.Table.Routes);

        foreach (var file in Directory.GetFiles(_mount))
        {
            File.Delete(file);
        }

        new StateStore(again).Save(old with { Label = "new" });
        Assert.Equal("new", Assert.Single(new StateStore(again).Load().Sessions).Session.Label);
    }

    [Fact]
    public void A_journal_on_a_full_disk_keeps_every_record_that_it_took()
    {
        Mount(FullOfBytes);
        using var directory = StateDirectory.Open(Path.Join(_mount, "state"));
        using var journal = new JournalFile(directory);
        journal.Append(NewRecord(0));
        Fill();

        // What is left of the last page takes some more records.
        var taken = 1L;
        StateStoreException? error = null;
        for (var at = 0; at < AppendsMax && error is null; at++)
        {
            error = Record.Exception(() => taken = journal.Append(NewRecord(at))) as StateStoreException;
        }

        Assert.Equal($"Cannot write to the journal: {NoSpace}", error?.Message);
        Assert.Throws<StateStoreException>(() => journal.Append(NewRecord(0)));
        using var reopened = new JournalFile(directory);
        foreach (var reader in new[] { journal, reopened })
        {
            Assert.Empty(reader.OpenFaults);
            Assert.Empty(reader.ReadTail(AppendsMax).Faults);
            Assert.Equal(taken, reader.ReadTail(AppendsMax).Records.Count);
        }

        foreach (var file in Directory.GetFiles(_mount))
        {
            File.Delete(file);
        }

        Assert.Equal(taken + 1, journal.Append(NewRecord(0)));
    }

    [Theory]
    [InlineData(FullOfBytes)]
    [InlineData(FullOfNames)]
    public void A_session_can_be_closed_on_a_full_disk(string size)
    {
        Mount(size);
        using var directory = StateDirectory.Open(Path.Join(_mount, "state"));
        var store = new StateStore(directory);
        var session = NewSession("vpn-1", "old");
        store.Create(session, NewBaseline());
        Fill();

        var error = Record.Exception(() => store.Close(session));

        Assert.Equal($"Cannot store the last state of session vpn-1, which is closed: {NoSpace}", error?.Message);
        Assert.Empty(store.Load().Sessions);
    }

    private static Session NewSession(string id, string label) =>
        new()
        {
            Id = SessionId.Parse(id),
            Label = label,
            BegunAt = DateTimeOffset.UnixEpoch,
            BootId = "boot",
        };

    private static Baseline NewBaseline() =>
        new()
        {
            TakenAt = DateTimeOffset.UnixEpoch,
            BootId = "boot",
            Table = RouteTable.FromDump([
                RouteText.Parse("default via 192.0.2.1 dev if2 proto dhcp metric 100", InterfaceNames.Numbers),
            ]),
        };

    private static JournalRecord NewRecord(int at) =>
        new()
        {
            At = DateTimeOffset.UnixEpoch,
            Kind = JournalKind.Note,
            Text = $"record {at}",
            Lines = ["add default via 192.0.2.1 dev if2"],
        };

    private void Fill()
    {
        for (var at = 0; at < FilesMax; at++)
        {
            try
            {
                using var file = File.Create(Path.Join(_mount, $"fill-{at}"));
                file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                return;
            }
        }

        Assert.Fail($"The disk is not full after {FilesMax} files.");
    }

    private void Mount(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A small tmpfs is mounted, which is a thing of Linux.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount a small tmpfs to fill it.");
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", size, "routeguard-test", _mount),
            "This machine does not let root mount a tmpfs."
        );
        _isMounted = true;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        );
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
