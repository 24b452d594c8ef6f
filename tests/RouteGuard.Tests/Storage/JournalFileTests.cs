using System.Text;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

public sealed class JournalFileTests
{
    private const string Log = "journal/journal.log";
    private const int SmallPart = 1000;
    private const int Seed = 5;

    private readonly MemoryDisk _disk = new();
    private readonly RandomState _state = new(Seed);

    [Fact]
    public void Records_are_numbered_from_one_and_read_back_equal_oldest_first()
    {
        var journal = Open(part: 1_000_000);
        var written = Fill(journal, 200);

        Assert.Equal(Enumerable.Range(1, 200).Select(at => (long)at), written.Select(record => record.Number));
        AssertSame(written, journal.ReadTail(1000));
        AssertSame(written[^7..], journal.ReadTail(7));
        Assert.Empty(journal.ReadTail(0).Records);
    }

    [Fact]
    public void A_line_is_a_checksum_and_json_that_people_can_read()
    {
        var journal = Open();
        journal.Append(
            new()
            {
                At = new(2026, 11, 23, 21, 0, 0, TimeSpan.Zero),
                Kind = JournalKind.Outcome,
                Session = SessionId.Parse("vpn-1"),
                Concludes = 7,
                Text = "done",
                Lines = ["add default via 192.0.2.1 dev eth0: Applied"],
            }
        );

        Assert.Equal(
            """{"schemaVersion":1,"number":1,"at":"2026-11-23T21:00:00+00:00","kind":"outcome","session":"vpn-1","concludes":7,"""
                + "\"text\":\"done\",\"lines\":[\"add default via 192.0.2.1 dev eth0: Applied\"]}\n",
            Encoding.UTF8.GetString(_disk.Read(Log)[9..])
        );
    }

    [Fact]
    public void Numbers_go_on_after_a_restart_and_after_a_rotation()
    {
        var written = Fill(Open(part: 1_000_000), 2);
        written.AddRange(Fill(Open(part: 1_000_000), 3));
        _disk.Rename(Log, "journal/journal.1.log");
        written.AddRange(Fill(Open(part: 1_000_000), 1));

        Assert.Equal([1, 2, 3, 4, 5, 6], written.Select(record => record.Number));
        AssertSame(written, Open().ReadTail(100));
    }

    [Fact]
    public void Parts_are_rotated_at_their_size_and_five_older_ones_are_kept()
    {
        var journal = Open();
        var written = Fill(journal, 100);

        var parts = _disk.List("journal").Select(entry => entry.Name).ToArray();
        Assert.Equal(
            ["journal.1.log", "journal.2.log", "journal.3.log", "journal.4.log", "journal.5.log", "journal.log"],
            parts
        );
        Assert.All(parts, part => Assert.InRange(_disk.Read($"journal/{part}").Length, 1, SmallPart * 2));
        var tail = journal.ReadTail(1000);
        Assert.InRange(tail.Records.Count, 10, 60);
        AssertSame(written[^tail.Records.Count..], tail);
    }

    [Fact]
    public void A_gap_that_a_crash_left_between_the_parts_is_filled_before_the_oldest_is_given_up()
    {
        Fill(Open(), 100);
        var oldest = _disk.Read("journal/journal.5.log");
        _disk.DeleteFile("journal/journal.2.log");

        while (!_disk.List("journal").Any(entry => entry.Name == "journal.2.log"))
        {
            Fill(Open(), 1);
        }

        Assert.Equal(oldest, _disk.Read("journal/journal.5.log"));
    }

    [Fact]
    public void A_tail_torn_at_any_byte_is_cut_off_and_told_and_the_journal_goes_on()
    {
        var written = Fill(Open(), 3);
        var whole = _disk.Read(Log);
        var lastAt = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var length = lastAt; length < whole.Length; length++)
        {
            var disk = _disk.Copy();
            disk.Rot(Log, whole[..length]);

            var journal = Open(disk);

            AssertSame(written[..2], journal.ReadTail(9));
            Assert.Equal(
                length == lastAt
                    ? []
                    : [$"The last {length - lastAt} bytes of {Log} were torn by a crash. They were cut off."],
                journal.OpenFaults
            );
            Assert.Equal(3, journal.Append(_state.Record()));
            Assert.Equal([1, 2, 3], journal.ReadTail(9).Records.Select(record => record.Number));
            Assert.Empty(journal.ReadTail(9).Faults);
        }
    }

    [Fact]
    public void Any_byte_that_rots_costs_at_most_the_lines_that_it_stood_in()
    {
        var written = Fill(Open(), 4);
        var whole = _disk.Read(Log);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var mask in new byte[] { 0x01, 0x04, 0x20, 0x80, 0xff })
            {
                var disk = _disk.Copy();
                var rotten = (byte[])whole.Clone();
                rotten[at] ^= mask;
                disk.Rot(Log, rotten);

                var journal = Open(disk);
                var tail = journal.ReadTail(9);

                Assert.InRange(tail.Records.Count, whole[at] == '\n' ? 2 : 3, 3);
                Assert.Equal(1, tail.Faults.Count + journal.OpenFaults.Count);
                Assert.All(tail.Records, record => Assert.True(Same.As(written[(int)record.Number - 1], record)));
                journal.Append(_state.Record());
                Assert.Equal(tail.Records.Count + 1, journal.ReadTail(9).Records.Count);
            }
        }
    }

    [Fact]
    public void Damage_in_the_middle_is_left_out_counted_and_told_up_to_a_bound()
    {
        var written = Fill(Open(), 1);
        _disk.Rot(
            Log,
            [.. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("rubbish\n", 50))), .. _disk.Read(Log)]
        );

        var tail = Open().ReadTail(10);

        AssertSame(written, new(tail.Records, []));
        Assert.Equal(JournalFile.FaultsMax + 1, tail.Faults.Count);
        Assert.Equal(
            $"The line at byte 392 of {Log} is damaged: its checksum does not fit. It was left out.",
            tail.Faults[^2]
        );
        Assert.Equal("30 older lines of the journal were left out too.", tail.Faults[^1]);
    }

    [Fact]
    public void A_record_of_a_newer_version_is_left_out_and_left_alone()
    {
        const string json = """{"schemaVersion":2,"number":9,"at":"2026-11-23T21:00:00Z","kind":"note"}""";
        var line = $"{Crc32C.Of(Encoding.ASCII.GetBytes(json)):x8} {json}\n";
        _disk.Create(Log).Write(Encoding.ASCII.GetBytes(line), 0);

        var journal = Open();
        Fill(journal, 1);

        Assert.Empty(journal.OpenFaults);
        Assert.Single(journal.ReadTail(9).Records);
        Assert.Equal(
            [$"The line at byte 0 of {Log} was written by a newer RouteGuard (schema 2). It was left out."],
            journal.ReadTail(9).Faults
        );
        Assert.StartsWith(line, Encoding.UTF8.GetString(_disk.Read(Log)), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_line_under_a_good_checksum_is_read_or_refused_but_never_thrown_at()
    {
        const int cases = 20_000;
        var random = new Random(Seed);
        Fill(Open(), 1);
        var json = _disk.Read(Log)[9..^1];
        var read = 0;
        for (var at = 0; at < cases; at++)
        {
            var bytes = (byte[])json.Clone();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            bytes[random.Next(bytes.Length)] = (byte)"\"[]{}0#,"[random.Next(8)];
            byte[] line = [.. Encoding.ASCII.GetBytes($"{Crc32C.Of(bytes):x8} "), .. bytes];
            read += JournalEntry.TryRead(line, out _, out _) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}: {cases} cases, {read} read");
        Assert.InRange(read, 100, cases / 2);
    }

    [Fact]
    public void Long_records_are_cut_and_the_cut_is_told()
    {
        var journal = Open();
        journal.Append(
            new()
            {
                At = DateTimeOffset.UnixEpoch,
                Kind = JournalKind.Note,
                Text = new('x', 3000),
                Lines = [.. Enumerable.Range(0, JournalRecord.LinesMax + 5).Select(at => at.ToString())],
            }
        );

        var record = Assert.Single(journal.ReadTail(1).Records);
        Assert.Equal(JournalEntry.TextLengthMax, record.Text.Length);
        Assert.EndsWith("x...", record.Text, StringComparison.Ordinal);
        Assert.Equal(JournalRecord.LinesMax + 1, record.Lines.Count);
        Assert.Equal("… and 5 more", record.Lines[^1]);
    }

    [Fact]
    public void A_power_cut_in_append_leaves_all_records_and_perhaps_the_new_one()
    {
        var written = new List<JournalRecord>();
        var next = _state.Record();
        var (rotations, looks) = (0, 0);

        // Long enough that several appends rotate, first with parts to spare and then without.
        for (var round = 0; round < 24; round++)
        {
            var before = _disk.Copy();
            looks += PowerCut.During(before, disk => Open(disk).Append(next), disk => Look(disk, mustHave: false));
            PowerCut.After(before, disk => Open(disk).Append(next), disk => Look(disk, mustHave: true));
            var parts = _disk.List("journal").Count;
            written.Add(next with { Number = Open().Append(next) });
            rotations += _disk.List("journal").Count - parts;
            next = _state.Record();
        }

        Assert.Equal(1 + JournalFile.PartsKept, rotations);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}: {looks} disks after a cut");

        void Look(MemoryDisk disk, bool mustHave)
        {
            var journal = Open(disk);
            var tail = journal.ReadTail(1000);
            var kept = tail.Records.Count;
            var hasNew = kept > 0 && tail.Records[^1].Number == written.Count + 1;
            Assert.True(hasNew || !mustHave);
            Assert.Empty(tail.Faults);
            List<JournalRecord> wanted =
            [
                .. written,
                .. hasNew ? [next with { Number = written.Count + 1 }] : Array.Empty<JournalRecord>(),
            ];

            // A rotation gives up the oldest part and nothing else.
            Assert.InRange(kept, Math.Min(wanted.Count, 10), wanted.Count);
            AssertSame(wanted[^kept..], tail);
            Assert.Equal(wanted.Count + 1, journal.Append(next));
        }
    }

    [Fact]
    public void A_refusal_in_append_leaves_the_journal_as_it_was_and_the_next_append_works()
    {
        var written = new List<JournalRecord>();
        var next = _state.Record();
        var tries = 0;
        for (var round = 0; round < 24; round++)
        {
            JournalFile journal = null!;
            long? number = null;
            tries += PowerCut.Refusing(
                _disk,
                disk =>
                {
                    journal = Open(disk);
                    var error = Record.Exception(() => number = journal.Append(next));
                    number = error is null ? number : null;
                    Assert.True(error is null or StateStoreException, error?.ToString());
                },
                disk =>
                {
                    var count = written.Count + (number is null ? 0 : 1);

                    // When even the cut is refused, the record may stand; its number is then not given again.
                    var later = journal.Append(next);
                    Assert.InRange(later, count + 1, count + 2);
                    var tail = journal.ReadTail(1000);
                    Assert.Empty(tail.Faults);
                    Assert.Equal(later, tail.Records[^1].Number);
                    Assert.InRange(tail.Records.Count, Math.Min(count, 10) + 1, count + 2);
                    Assert.All(
                        tail.Records.Where(record => record.Number <= written.Count),
                        record => Assert.True(Same.As(written[(int)record.Number - 1], record))
                    );
                }
            );
            written.Add(next with { Number = Open().Append(next) });
            next = _state.Record();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}: {tries} refusals");
    }

    [Fact]
    public void A_full_disk_is_told_in_one_sentence_and_the_journal_stays_as_it_was()
    {
        var journal = Open();
        var written = Fill(journal, 3);
        var before = _disk.Read(Log);
        _disk.FullFrom = 0;

        var error = Assert.Throws<StateStoreException>(() => journal.Append(_state.Record()));

        Assert.Equal(
            "Cannot write to the journal: no space left on device (ENOSPC) in the state directory. "
                + "Free some space; routes are still guarded.",
            error.Message
        );
        Assert.Equal(before, _disk.Read(Log));
        _disk.FullFrom = int.MaxValue;
        written.AddRange(Fill(journal, 1));
        AssertSame(written, journal.ReadTail(9));
    }

    [Fact]
    public void A_journal_that_cannot_be_opened_says_so_and_is_opened_by_the_next_append()
    {
        var written = Fill(Open(), 2);
        _disk.Rot(Log, [.. _disk.Read(Log), 1]);
        var disk = _disk.Copy();
        disk.RefuseAt = 1..2;

        var journal = Open(disk);

        Assert.Equal([$"{Log} cannot be opened: input/output error (EIO)."], journal.OpenFaults);
        Assert.Equal(3, journal.Append(_state.Record()));
        AssertSame(written, new(journal.ReadTail(3).Records.Take(2).ToArray(), []));
    }

    private JournalFile Open(MemoryDisk? disk = null, int part = SmallPart) => new(disk ?? _disk, part);

    private List<JournalRecord> Fill(JournalFile journal, int count)
    {
        var written = new List<JournalRecord>();
        for (var at = 0; at < count; at++)
        {
            var record = _state.Record();
            written.Add(record with { Number = journal.Append(record) });
        }

        return written;
    }

    private static void AssertSame(List<JournalRecord> wanted, JournalTail tail)
    {
        Assert.Empty(tail.Faults);
        Assert.Equal(wanted.Count, tail.Records.Count);
        Assert.All(wanted.Zip(tail.Records), pair => Assert.True(Same.As(pair.First, pair.Second), pair.First.Text));
    }
}
