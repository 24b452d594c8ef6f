using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

public sealed class PowerCutTests
{
    private readonly RandomState _state = new(11);
    private readonly MemoryDisk _disk = new();
    private readonly Session _old;
    private readonly Session _new;
    private readonly Baseline _baseline;

    public PowerCutTests()
    {
        _baseline = _state.Baseline(3);
        _old = _state.Session();
        _new = _old with { Label = "new", Phase = SessionPhase.Restoring };
        new StateStore(_disk).Create(_old, _baseline);
    }

    [Fact]
    public void A_power_cut_in_begin_leaves_the_session_with_its_baseline_or_nothing()
    {
        var other = _state.Session("vpn-2") with { BegunAt = DateTimeOffset.MaxValue };
        var baseline = _state.Baseline(3);
        var seen = new HashSet<int>();

        var looks = PowerCut.During(
            _disk,
            Begin,
            disk =>
            {
                var found = Load(disk);
                seen.Add(found.Length);
                Assert.Equal(_old, found[0].Session);
                Assert.True(Same.As(_baseline, found[0].Baseline));
                Assert.All(found[1..], stored => Assert.Equal(other, stored.Session));
                Assert.All(found[1..], stored => Assert.True(Same.As(baseline, stored.Baseline)));
            }
        );
        PowerCut.After(_disk, Begin, disk => Assert.Equal(2, Load(disk).Length));

        Assert.Equal([1, 2], seen.Order());
        Say($"{looks} disks after a cut");

        void Begin(MemoryDisk disk) => new StateStore(disk).Create(other, baseline);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_power_cut_in_save_leaves_the_old_state_or_the_new_one(int savesBefore)
    {
        var seen = new HashSet<string>();
        for (var at = 0; at < savesBefore; at++)
        {
            new StateStore(_disk).Save(_old);
        }

        var looks = PowerCut.During(
            _disk,
            disk => new StateStore(disk).Save(_new),
            disk =>
            {
                var session = Assert.Single(Load(disk)).Session;
                seen.Add(session.Label);
                Assert.Contains(session, new[] { _old, _new });

                // What a crash left behind is in nobody's way.
                new StateStore(disk).Save(_new with { Label = "later" });
                Assert.Equal("later", Assert.Single(Load(disk)).Session.Label);
            }
        );
        PowerCut.After(
            _disk,
            disk => new StateStore(disk).Save(_new),
            disk => Assert.Equal(_new, Assert.Single(Load(disk)).Session)
        );

        Assert.Equal(2, seen.Count);
        Say($"{looks} disks after a cut");
    }

    [Fact]
    public void A_power_cut_in_close_leaves_the_session_open_or_closed()
    {
        for (var at = 0; at < StateStore.ClosedKept + 1; at++)
        {
            _disk.CreateFolder($"closed/{at + 1:D6}.x");
            _disk.Create($"closed/{at + 1:D6}.x/session.json");
        }

        _disk.SyncFolder("closed");
        var before = _disk.Copy();
        var seen = new HashSet<int>();

        PowerCut.During(
            before,
            disk => new StateStore(disk).Close(_new),
            disk =>
            {
                var found = Load(disk);
                seen.Add(found.Length);
                Assert.All(found, stored => Assert.Equal(_old, stored.Session));
            }
        );
        PowerCut.After(
            before,
            disk => new StateStore(disk).Close(_new),
            disk =>
            {
                Assert.Empty(Load(disk));
                Assert.True(SessionEntry.TryRead(disk.Read("closed/000022.vpn-1/session.json"), out var closed, out _));
                Assert.Equal(_new, closed);
            }
        );

        Assert.Equal([0, 1], seen.Order());
    }

    [Fact]
    public void A_power_cut_while_damage_is_set_aside_loses_neither_the_damage_nor_the_previous_state()
    {
        new StateStore(_disk).Save(_new);
        _disk.Rot("sessions/vpn-1/session.json", [1, 2, 3]);

        PowerCut.During(
            _disk,
            disk => new StateStore(disk).Load(),
            disk =>
            {
                Assert.Equal(_old, Assert.Single(new StateStore(disk).Load().Sessions).Session);
                Assert.Equal([1, 2, 3], disk.Read("set-aside/000001.vpn-1.session.json"));
            }
        );
    }

    [Fact]
    public void A_refusal_in_begin_leaves_nothing_begun_and_the_next_begin_works()
    {
        var other = _state.Session("vpn-2") with { BegunAt = DateTimeOffset.MaxValue };
        var tries = PowerCut.Refusing(
            _disk,
            disk => Attempt(() => new StateStore(disk).Create(other, _baseline), "Cannot store session vpn-2: "),
            disk =>
            {
                var begun = Load(disk).Length > 1;
                if (!begun)
                {
                    new StateStore(disk).Create(other, _baseline);
                }

                Assert.Equal([_old, other], Load(disk).Select(stored => stored.Session));
            }
        );
        Say($"{tries} refusals");
    }

    [Fact]
    public void A_refusal_in_save_leaves_the_old_state_or_the_new_one_and_the_next_save_works()
    {
        new StateStore(_disk).Save(_old);
        var tries = PowerCut.Refusing(
            _disk,
            disk => Attempt(() => new StateStore(disk).Save(_new), "Cannot store session vpn-1: "),
            disk =>
            {
                Assert.Contains(Assert.Single(Load(disk)).Session, new[] { _old, _new });
                var later = _new with { Label = "later" };
                new StateStore(disk).Save(later);
                Assert.Equal(later, Assert.Single(Load(disk)).Session);
            }
        );
        Say($"{tries} refusals");
    }

    [Fact]
    public void A_refusal_in_close_says_whether_the_session_is_closed()
    {
        PowerCut.Refusing(
            _disk,
            disk =>
            {
                var error = Record.Exception(() => new StateStore(disk).Close(_new));
                var isOpen = disk.List("sessions").Count > 0;
                Assert.True(
                    !isOpen || error is StateStoreException { Message: ['C', 'a', 'n', 'n', 'o', 't', ' ', 'c', ..] },
                    error?.Message
                );
            },
            disk =>
            {
                new StateStore(disk).Close(_new);
                Assert.Empty(Load(disk));
            }
        );
    }

    [Fact]
    public void A_full_disk_is_told_in_one_sentence_and_leaves_no_litter()
    {
        _disk.FullFrom = 0;
        var store = new StateStore(_disk);

        Assert.Equal(
            "Cannot store session vpn-1: no space left on device (ENOSPC) in the state directory. "
                + "Free some space; routes are still guarded.",
            Assert.Throws<StateStoreException>(() => store.Save(_new)).Message
        );
        Assert.Throws<StateStoreException>(() => store.Create(_state.Session("vpn-2"), _baseline));

        Assert.Equal(["vpn-1"], _disk.List("sessions").Select(entry => entry.Name));
        Assert.Equal(["baseline.json", "session.json"], _disk.List("sessions/vpn-1").Select(entry => entry.Name));
        Assert.Equal(_old, Assert.Single(Load(_disk)).Session);
        Assert.Equal(
            "Cannot store the last state of session vpn-1, which is closed: no space left on device (ENOSPC) in the state "
                + "directory. Free some space; routes are still guarded.",
            Assert.Throws<StateStoreException>(() => store.Close(_new)).Message
        );
        Assert.Empty(Load(_disk));
    }

    [Fact]
    public void A_file_that_the_disk_refuses_to_read_is_reported_and_left_alone()
    {
        var disk = new UnreadableDisk(_disk, "baseline.json");

        var found = new StateStore(disk).Load();

        Assert.Empty(found.Sessions);
        Assert.Equal(
            "Session vpn-1 cannot be resumed: sessions/vpn-1/baseline.json cannot be read: input/output error (EIO). It was left alone.",
            Assert.Single(found.Faults)
        );
        Assert.Single(Load(_disk));
    }

    private static StoredSession[] Load(MemoryDisk disk)
    {
        var found = new StateStore(disk).Load();
        Assert.Empty(found.Faults);
        return [.. found.Sessions];
    }

    private static void Attempt(Action action, string start)
    {
        if (Record.Exception(action) is { } error)
        {
            Assert.IsType<StateStoreException>(error);
            Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        }
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private sealed class UnreadableDisk(IDisk disk, string name) : IDisk
    {
        public IDiskFile? Open(string path, bool canWrite = false) =>
            path.EndsWith(name, StringComparison.Ordinal)
                ? throw new IOException("Input/output error", 5)
                : disk.Open(path, canWrite);

        public IDiskFile Create(string path) => disk.Create(path);

        public void CreateFolder(string path) => disk.CreateFolder(path);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void DeleteFile(string path) => disk.DeleteFile(path);

        public void DeleteFolder(string path) => disk.DeleteFolder(path);

        public void SyncFolder(string path) => disk.SyncFolder(path);

        public IReadOnlyList<DiskEntry> List(string path) => disk.List(path);
    }
}
