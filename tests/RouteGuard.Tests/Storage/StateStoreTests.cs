using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

public sealed class StateStoreTests
{
    private const string Current = "sessions/vpn-1/session.json";
    private const string Previous = "sessions/vpn-1/session.json.previous";
    private const string BaselinePath = "sessions/vpn-1/baseline.json";

    private readonly MemoryDisk _disk = new();
    private readonly RandomState _state = new(7);
    private readonly StateStore _store;

    public StateStoreTests() => _store = new(_disk);

    [Fact]
    public void Sessions_are_found_again_oldest_first()
    {
        var start = new DateTimeOffset(2026, 11, 23, 21, 0, 0, TimeSpan.Zero);
        var baseline = _state.Baseline();
        var late = _state.Session("a") with { BegunAt = start.AddSeconds(1) };
        var early = _state.Session("b") with { BegunAt = start };
        _store.Create(late, baseline);
        _store.Create(early, baseline);

        var found = new StateStore(_disk).Load();

        Assert.Empty(found.Faults);
        Assert.Equal([early, late], found.Sessions.Select(stored => stored.Session));
        Assert.All(found.Sessions, stored => Assert.True(Same.As(baseline, stored.Baseline)));
    }

    [Fact]
    public void A_session_is_stored_once()
    {
        var session = Begin();

        var error = Assert.Throws<StateStoreException>(() =>
            _store.Create(_state.Session() with { Label = "other" }, _state.Baseline())
        );

        Assert.Equal(
            "Cannot store session vpn-1: there is one of that name. End it, or take another name.",
            error.Message
        );
        Assert.Equal(session, Assert.Single(_store.Load().Sessions).Session);
    }

    [Fact]
    public void A_session_that_was_closed_is_not_found_and_may_be_begun_again()
    {
        var session = Begin();
        _store.Close(session with { Phase = SessionPhase.Closed });
        _store.Close(session);

        Assert.Empty(_store.Load().Sessions);
        Assert.True(SessionEntry.TryRead(_disk.Read("closed/000001.vpn-1/session.json"), out var closed, out _));
        Assert.Equal(SessionPhase.Closed, closed.Phase);
        _store.Create(session, _state.Baseline());
        Assert.Single(_store.Load().Sessions);
    }

    [Fact]
    public void The_last_twenty_closed_sessions_are_kept()
    {
        for (var at = 0; at < 23; at++)
        {
            var session = _state.Session($"s{at}");
            _store.Create(session, _state.Baseline(2));
            _store.Close(session);
        }

        Assert.Equal(
            Enumerable.Range(3, 20).Select(at => $"{at + 1:D6}.s{at}"),
            _disk.List("closed").Select(entry => entry.Name)
        );
    }

    [Fact]
    public void A_save_of_what_was_never_begun_is_refused()
    {
        var error = Assert.Throws<StateStoreException>(() => _store.Save(_state.Session()));

        Assert.StartsWith("Cannot store session vpn-1: ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _store.Save(_state.Session() with { Id = default }));
    }

    [Fact]
    public void More_sessions_than_anybody_has_are_refused()
    {
        var session = _state.Session() with { Overlay = Overlay.Empty };
        var baseline = _state.Baseline(0);
        for (var at = 0; at < StateStore.SessionsMax; at++)
        {
            _store.Create(session with { Id = SessionId.Parse($"s{at}") }, baseline);
        }

        var error = Assert.Throws<StateStoreException>(() => _store.Create(session, baseline));
        Assert.Equal("Cannot store session vpn-1: there are 256 already. End some of them.", error.Message);
    }

    [Fact]
    public void A_current_state_cut_at_any_byte_gives_way_to_the_previous_one()
    {
        var (old, length) = BeginAndSave();
        for (var at = 0; at < length; at++)
        {
            var disk = _disk.Copy();
            disk.Rot(Current, disk.Read(Current)[..at]);

            var found = new StateStore(disk).Load();

            Assert.Equal(old, Assert.Single(found.Sessions).Session);
            Assert.Equal(
                $"{Current} is damaged: the checksum does not fit its {at} bytes. "
                    + "It was moved to set-aside/000001.vpn-1.session.json. The state before it is used.",
                Assert.Single(found.Faults)
            );
            Assert.Equal(at, disk.Read("set-aside/000001.vpn-1.session.json").Length);
            Assert.NotEmpty(disk.Read("set-aside/000001.vpn-1.session.json.reason"));
            Assert.Empty(new StateStore(disk).Load().Faults);
        }
    }

    [Fact]
    public void Any_byte_that_rots_gives_way_to_the_previous_state_or_to_a_fault()
    {
        var (old, _) = BeginAndSave();
        var current = Assert.Single(_store.Load().Sessions);
        foreach (var path in new[] { Current, Previous, BaselinePath })
        {
            for (var at = 0; at < _disk.Read(path).Length; at++)
            {
                var disk = _disk.Copy();
                var rotten = (byte[])disk.Read(path).Clone();
                rotten[at] ^= 0x20;
                disk.Rot(path, rotten);

                var found = new StateStore(disk).Load();

                Assert.Equal(path == Previous ? 0 : 1, found.Faults.Count);
                Assert.Equal(path == BaselinePath ? 0 : 1, found.Sessions.Count);
                Assert.All(
                    found.Sessions,
                    stored => Assert.Equal(path == Current ? old : current.Session, stored.Session)
                );
                Assert.All(found.Sessions, stored => Assert.True(Same.As(current.Baseline, stored.Baseline)));
            }
        }
    }

    [Theory]
    [InlineData(BaselinePath)]
    [InlineData(Current)]
    public void A_session_of_which_nothing_is_left_is_set_aside_whole(string path)
    {
        Begin();
        _disk.Rot(path, []);

        var found = _store.Load();

        Assert.Empty(found.Sessions);
        Assert.Equal(
            $"Session vpn-1 cannot be resumed: {path} is damaged: the checksum does not fit its 0 bytes. "
                + "It was moved to set-aside/000001.vpn-1.",
            Assert.Single(found.Faults)
        );
        Assert.Equal(
            ["baseline.json", "session.json"],
            _disk.List("set-aside/000001.vpn-1").Select(entry => entry.Name)
        );
    }

    [Fact]
    public void What_is_set_aside_is_never_deleted_and_when_it_is_full_damage_stays_in_place()
    {
        for (var at = 0; at < StateStore.SetAsideMax; at++)
        {
            _disk.CreateFolder($"set-aside/{at + 1:D6}.x");
        }

        var (old, _) = BeginAndSave();
        _disk.Rot(Current, [1]);

        var found = _store.Load();

        Assert.Equal(old, Assert.Single(found.Sessions).Session);
        Assert.Contains(
            "It was left where it is, for 20 others wait in set-aside to be looked at.",
            Assert.Single(found.Faults),
            StringComparison.Ordinal
        );
        Assert.Equal([1], _disk.Read(Current));
        Assert.Equal(20, _disk.List("set-aside").Count);

        // The damaged generation must not push out the good one: not even when the power goes in the middle.
        var saved = old with
        {
            Label = "saved",
        };
        PowerCut.During(
            _disk,
            disk => new StateStore(disk).Save(saved),
            disk => Assert.Contains(Assert.Single(new StateStore(disk).Load().Sessions).Session, new[] { old, saved })
        );
        _store.Save(saved);
        Assert.Equal(saved, Assert.Single(_store.Load().Sessions).Session);
        Assert.True(SessionEntry.TryRead(_disk.Read(Previous), out var previous, out _));
        Assert.Equal(old, previous);
    }

    [Theory]
    [InlineData(BaselinePath)]
    [InlineData(Current)]
    public void A_file_of_a_newer_version_is_refused_and_left_alone(string path)
    {
        BeginAndSave();
        var newer = Reseal(_disk.Read(path), "\"schemaVersion\": 1", "\"schemaVersion\": 2");
        _disk.Rot(path, newer);

        var found = _store.Load();

        Assert.Empty(found.Sessions);
        Assert.Equal(
            $"Session vpn-1 cannot be resumed: {path} was written by a newer RouteGuard (schema 2; 1 is known). It was left alone.",
            Assert.Single(found.Faults)
        );
        Assert.Equal(newer, _disk.Read(path));
    }

    [Fact]
    public void A_session_file_in_the_folder_of_another_session_is_no_state_of_it()
    {
        Begin();
        _disk.Rot(Current, Reseal(_disk.Read(Current), "\"vpn-1\"", "\"vpn-2\""));

        Assert.Contains("is that of session vpn-2", Assert.Single(_store.Load().Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_are_no_sessions_are_reported_and_left_alone_and_half_made_ones_removed()
    {
        var session = Begin();
        _disk.CreateFolder("sessions/UPPER");
        _disk.Create("sessions/file");
        _disk.CreateFolder("sessions/.new-vpn-2");
        _disk.Create("sessions/.new-vpn-2/baseline.json");

        var found = _store.Load();

        Assert.Equal(session, Assert.Single(found.Sessions).Session);
        Assert.Equal(
            [
                "sessions/UPPER is not the folder of a session. It was left alone.",
                "sessions/file is not the folder of a session. It was left alone.",
            ],
            found.Faults
        );
        Assert.Equal(["UPPER", "file", "vpn-1"], _disk.List("sessions").Select(entry => entry.Name));
    }

    [Fact]
    public void A_baseline_beyond_the_bound_is_refused_before_anything_is_stored()
    {
        var route = _state.Baseline().Table.Routes[0];
        var routes = Enumerable
            .Range(0, BaselineDocument.RoutesMax + 1)
            .Select(at => route with { Table = (uint)at, Ordinal = 0 });
        var baseline = _state.Baseline() with { Table = Core.Routes.RouteTable.FromDump(routes) };

        var error = Assert.Throws<StateStoreException>(() => _store.Create(_state.Session(), baseline));

        Assert.Equal(
            "Cannot store a baseline of 2000001 routes: at most 2000000 are kept. Nothing was written.",
            error.Message
        );
        Assert.Empty(_disk.List("sessions"));
    }

    private static byte[] Reseal(byte[] document, string what, string with)
    {
        var text = System.Text.Encoding.UTF8.GetString(document).Replace(what, with, StringComparison.Ordinal);
        var start = text[..(text.LastIndexOf(": \"", StringComparison.Ordinal) + 3)];
        var checksum = Crc32C.Of(System.Text.Encoding.UTF8.GetBytes(start));
        return System.Text.Encoding.UTF8.GetBytes($"{start}{checksum:x8}\"\n}}\n");
    }

    private Session Begin()
    {
        var session = _state.Session();
        _store.Create(session, _state.Baseline(4));
        return session;
    }

    private (Session Old, int Length) BeginAndSave()
    {
        var old = Begin();
        _store.Save(old with { Label = "new" });
        return (old, _disk.Read(Current).Length);
    }
}
