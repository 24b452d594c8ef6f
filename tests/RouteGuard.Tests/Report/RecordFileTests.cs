using System.Text;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;
using RouteGuard.Tests.Fakes;
using RouteGuard.Tests.Linux;

namespace RouteGuard.Tests.Report;

/// <summary>A record on disk.</summary>
public sealed class RecordFileTests
{
    private const int Seed = 5;

    private static readonly RecordHead Head = new(DateTimeOffset.UnixEpoch, "1.0", "Debian, Linux 6.12", ["a note"]);

    public static TheoryData<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Folder, "*.jsonl")
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Captures", "Records");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_record_of_a_real_machine_replays_as_the_table_that_its_text_says(string file)
    {
        Assert.True(
            RecordFile.TryRead(File.ReadAllBytes(Path.Combine(Folder, file)), out var record, out var problem),
            problem
        );
        Assert.Equal(["before", "during", "now"], record.Tables.Select(table => table.Name));
        Assert.Equal(record.Tables[^1].Lines, RecordedTable.Of("now", record.Traffic.Table).Lines);
        Assert.Empty(record.Traffic.LeftOut);
        Assert.NotEmpty(record.Traffic.Events);
        var told = record.Traffic.Events.Select(heard => new CapturedMessage(false, heard.Bytes)).ToArray();
        Assert.Contains(told, message => message.Header.Type == NetlinkType.DeleteRoute);
        Assert.All(
            told,
            message => Assert.True(RouteCodec.TryDecode(message.Body, out _, out var fault), fault.ToString())
        );
    }

    [Fact]
    public void What_was_written_is_read_with_the_table_that_its_bytes_make()
    {
        var record = Captured();
        var bytes = record.ToBytes();
        Assert.True(RecordFile.TryRead(bytes, out var read, out var problem), problem);
        Assert.Equal(record.Head.Notes, read.Head.Notes);
        Assert.Equal(record.Tables.SelectMany(table => table.Lines), read.Tables.SelectMany(table => table.Lines));
        Assert.Equal(
            record.Traffic.Lists.Select(one => Convert.ToHexString(one.Bytes)),
            read.Traffic.Lists.Select(one => Convert.ToHexString(one.Bytes))
        );
        Assert.Equal(record.Traffic.Events[0].After, read.Traffic.Events[0].After);
        Assert.NotEmpty(read.Traffic.Table.Routes);
        Assert.NotEmpty(read.Traffic.Table.Rules);
        Assert.Contains(read.Traffic.Table.Links, link => link.Addresses.Count > 0);
        Assert.Empty(read.Traffic.LeftOut);
        Assert.DoesNotContain("\\u002B", Encoding.UTF8.GetString(bytes), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_bytes_of_a_redacted_record_make_the_redacted_table()
    {
        using var pseudonyms = new Pseudonyms(new byte[Pseudonyms.KeyBytes]);
        var original = Captured().Traffic;
        var redacted = original.Redacted(pseudonyms);
        var replayed = KernelTraffic.Replay(redacted.Lists, out var faults);
        Assert.Empty(faults);
        Assert.Equal(RecordedTable.Of("now", redacted.Table).Lines, RecordedTable.Of("now", replayed).Lines);
        Assert.NotEqual(RecordedTable.Of("now", original.Table).Lines, RecordedTable.Of("now", replayed).Lines);
        Assert.Contains(redacted.LeftOut, line => line.StartsWith("Zeroed: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_table_is_cut_into_lines_of_the_file_that_stay_short()
    {
        string[] lines = [.. Enumerable.Repeat("10.0.0.0/8 via 192.0.2.1 dev phys0", RecordFile.TableLinesMax + 7)];
        var record = new RecordFile(Head, [new("now", lines)], new(RouteTable.Empty, [], [], []));
        var bytes = record.ToBytes();
        Assert.All(Encoding.UTF8.GetString(bytes).Split('\n'), line => Assert.InRange(line.Length, 0, 20_000));
        Assert.True(RecordFile.TryRead(bytes, out var read, out _));
        Assert.Equal(RecordFile.TableLinesMax, Assert.Single(read.Tables).Lines.Count);
    }

    [Theory]
    [InlineData("", "it has no head")]
    [InlineData("{}\n", "line 1 is not understood")]
    [InlineData("not json\n", "line 1 is not understood")]
    [InlineData("{\"kind\":\"end\",\"count\":0}\n", "it has no head")]
    [InlineData(
        "{\"kind\":\"head\",\"schema\":9,\"version\":\"1\",\"system\":\"s\",\"byteOrder\":\"little\"}\n",
        "its schema is 9, and 1 is known"
    )]
    public void What_is_no_record_is_refused_with_the_reason(string text, string problem)
    {
        Assert.False(RecordFile.TryRead(Encoding.UTF8.GetBytes(text), out _, out var said));
        Assert.Equal(problem, said);
    }

    [Fact]
    public void A_record_of_another_byte_order_and_one_that_is_cut_off_are_refused()
    {
        var text = Encoding.UTF8.GetString(Captured().ToBytes());
        var (order, other) = BitConverter.IsLittleEndian ? ("little", "big") : ("big", "little");
        var turned = text.Replace($"\"byteOrder\":\"{order}\"", $"\"byteOrder\":\"{other}\"", StringComparison.Ordinal);
        Assert.False(RecordFile.TryRead(Encoding.UTF8.GetBytes(turned), out _, out var problem));
        Assert.Equal("it was made on a machine of another byte order", problem);

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var kept in new[] { lines[..^1], [.. lines[..^2], lines[^1]] })
        {
            Assert.False(RecordFile.TryRead(Encoding.UTF8.GetBytes(string.Join('\n', kept)), out _, out problem));
            Assert.Equal("it is cut off", problem);
        }
    }

    [Fact]
    public void Any_bytes_whatever_are_read_or_refused()
    {
        var random = new Random(Seed);
        var whole = Captured().ToBytes();
        const int Cases = 300;
        var read = 0;
        for (var at = 0; at < Cases; at++)
        {
            byte[] mutated = [.. whole];
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            read += RecordFile.TryRead(mutated, out _, out _) ? 1 : 0;
        }

        // A changed byte of a datagram is still a datagram: some are read, and none throws.
        Assert.InRange(read, 1, Cases - 1);
    }

    private static RecordFile Captured()
    {
        RecordedDatagram[] lists =
        [
            .. Of("dump-link", TableList.Links, NetlinkType.NewLink),
            .. Of("dump-addr", TableList.Addresses, NetlinkType.NewAddress),
            .. Of("dump-nexthop", TableList.NextHops, NetlinkType.NewNextHop),
            .. Of("dump-route4-all", TableList.RoutesV4, NetlinkType.NewRoute),
            .. Of("dump-route6-all", TableList.RoutesV6, NetlinkType.NewRoute),
            .. Of("dump-rule4", TableList.RulesV4, NetlinkType.NewRule),
            .. Of("dump-rule6", TableList.RulesV6, NetlinkType.NewRule),
        ];
        var table = KernelTraffic.Replay(lists, out _);
        return new(
            Head,
            [RecordedTable.Of("before", Tables.Parse(GuardWorld.HomeLines)), RecordedTable.Of("now", table)],
            new(table, lists, [new(TimeSpan.FromMilliseconds(12.5), lists[0].Bytes)], [])
        );
    }

    private static IEnumerable<RecordedDatagram> Of(string capture, TableList list, ushort type) =>
        Capture
            .Named(capture)
            .Messages.Where(message => !message.IsRequest && message.Header.Type == type)
            .Select(message => new RecordedDatagram(list, message.Bytes));
}
