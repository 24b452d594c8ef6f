using System.Text;
using System.Text.Json;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

public sealed class DocumentTests
{
    private const int Seed = 20261123;

    [Fact]
    public void Every_baseline_reads_back_as_the_equal_one()
    {
        const int tables = 3000;
        var routes = 0;
        Say($"{tables} tables from seed {Seed}");
        for (var seed = Seed; seed < Seed + tables; seed++)
        {
            var baseline = new RandomState(seed).Baseline();
            routes += baseline.Table.Routes.Length;
            var bytes = Write(json => BaselineDocument.Write(json, baseline));

            Assert.True(BaselineDocument.TryRead(bytes, out var read, out var fault), $"seed {seed}: {fault}");
            Assert.True(Same.As(baseline, read), $"seed {seed}: {Same.Difference(baseline, read)}");
        }

        Assert.True(routes > 30_000, $"only {routes} routes were tried");
    }

    [Fact]
    public void Every_session_reads_back_as_the_equal_one()
    {
        Say($"3000 sessions from seed {Seed}");
        for (var seed = Seed; seed < Seed + 3000; seed++)
        {
            var session = new RandomState(seed).Session();
            var bytes = Write(json => SessionEntry.Write(json, session));

            Assert.True(SessionEntry.TryRead(bytes, out var read, out var fault), $"seed {seed}: {fault}");
            Assert.True(session == read, $"seed {seed}: {Encoding.UTF8.GetString(bytes)}");
        }
    }

    [Fact]
    public void A_baseline_is_json_that_people_can_read()
    {
        var baseline = new Baseline
        {
            TakenAt = new(2026, 11, 23, 21, 0, 0, TimeSpan.Zero),
            BootId = "b",
            Table = RouteTable.FromDump(
                [
                    RouteText.Parse("default via 192.0.2.1 dev if2 proto dhcp metric 100", InterfaceNames.Numbers),
                    RouteText.Parse("192.0.2.0/24 dev if2 scope link src 192.0.2.7", InterfaceNames.Numbers),
                ],
                [RuleText.Parse("pref 32766 lookup main")],
                [
                    new()
                    {
                        Index = new(2),
                        Name = "eth0",
                        IsUp = true,
                        Addresses = new([new(IpAddress.Parse("192.0.2.7"), 24)]),
                    },
                ]
            ),
        };

        var text = Encoding.UTF8.GetString(Write(json => BaselineDocument.Write(json, baseline)));

        Assert.StartsWith(
            "{\n  \"schemaVersion\": 1,\n  \"takenAt\": \"2026-11-23T21:00:00+00:00\",\n  \"bootId\": \"b\",\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """
              "rules": [
                "pref 32766 lookup main"
              ],
              "routes": [
                "default via 192.0.2.1 dev eth0 proto dhcp metric 100",
                "192.0.2.0/24 dev eth0 scope link src 192.0.2.7"
              ],
              "crc32c": "
            """,
            text,
            StringComparison.Ordinal
        );
        using var parsed = JsonDocument.Parse(text);
        Assert.Equal(
            "192.0.2.7/24",
            parsed.RootElement.GetProperty("interfaces")[0].GetProperty("addresses")[0].GetString()
        );
    }

    [Fact]
    public void A_document_that_lost_a_byte_or_flipped_a_bit_is_known_as_damaged()
    {
        var bytes = Write(json => SessionEntry.Write(json, new RandomState(Seed).Session()));
        for (var at = 0; at < bytes.Length; at++)
        {
            AssertDamaged(bytes[..at]);
            AssertDamaged([.. bytes[..at], .. bytes[(at + 1)..]]);
            for (var bit = 0; bit < 9; bit++)
            {
                var rotten = (byte[])bytes.Clone();
                rotten[at] ^= bit < 8 ? (byte)(1 << bit) : (byte)0xff;
                AssertDamaged(rotten);
            }
        }

        AssertDamaged([.. bytes, (byte)'\n']);
    }

    [Fact]
    public void Any_content_under_a_good_seal_is_read_or_refused_but_never_thrown_at()
    {
        const int cases = 20_000;
        var random = new Random(Seed);
        var state = new RandomState(Seed);
        var baseline = Body(Write(json => BaselineDocument.Write(json, state.Baseline(6))));
        var session = Body(Write(json => SessionEntry.Write(json, state.Session())));
        var (read, refused) = (0, 0);
        for (var at = 0; at < cases; at++)
        {
            var bytes = Seal(Mutated(at % 2 == 0 ? baseline : session, random));
            var isRead =
                at % 2 == 0 ? BaselineDocument.TryRead(bytes, out _, out _) : SessionEntry.TryRead(bytes, out _, out _);
            _ = isRead ? read++ : refused++;
        }

        Say($"seed {Seed}: {cases} cases, {read} read, {refused} refused");
        Assert.True(read > 100 && refused > 5000, $"{read} read, {refused} refused: the mutations are of no use");
    }

    [Theory]
    [InlineData("{\n  \"schemaVersion\": 2", DocumentTrouble.Newer, "newer RouteGuard (schema 2; 1 is known)")]
    [InlineData("{\n  \"schemaVersion\": 0", DocumentTrouble.Damaged, "schemaVersion of 1")]
    [InlineData("{\n  \"bootId\": \"b\"", DocumentTrouble.Damaged, "schemaVersion of 1")]
    [InlineData("{\n  \"schemaVersion\": 1", DocumentTrouble.Damaged, "no takenAt")]
    [InlineData(
        "{\n  \"schemaVersion\": 1,\n  \"interfaces\": [],\n  \"routes\": [\"default\"]",
        DocumentTrouble.Damaged,
        "next hop"
    )]
    [InlineData("[", DocumentTrouble.Damaged, "not understood")]
    public void A_whole_document_that_is_not_ours_is_refused_with_the_reason(
        string body,
        object trouble,
        string problem
    )
    {
        Assert.False(BaselineDocument.TryRead(Seal(Encoding.UTF8.GetBytes(body)), out _, out var fault));
        Assert.Equal(trouble, fault.Trouble);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_a_later_version_added_is_passed_over()
    {
        var baseline = new RandomState(Seed).Baseline();
        var body = Encoding.UTF8.GetString(Body(Write(json => BaselineDocument.Write(json, baseline))));
        var bytes = Seal(
            Encoding.UTF8.GetBytes(
                body.Replace("\"bootId\"", "\"later\": {\"a\": [1]}, \"bootId\"", StringComparison.Ordinal)
            )
        );

        Assert.True(BaselineDocument.TryRead(bytes, out var read, out _));
        Assert.True(Same.As(baseline, read));
    }

    [Fact]
    public void A_document_is_whole_wherever_its_end_falls_in_the_buffer()
    {
        var session = new RandomState(Seed).Session();
        var lengths = new HashSet<int>();
        for (var length = 131_072 - 1600; length < 131_072 + 200; length += 3)
        {
            var longer = session with { Label = new string('x', length), Overlay = Overlay.Empty };
            var bytes = Write(json => SessionEntry.Write(json, longer));
            lengths.Add(bytes.Length);

            Assert.True(SessionEntry.TryRead(bytes, out var read, out var fault), $"{bytes.Length} bytes: {fault}");
            Assert.Equal(longer, read);
        }

        Assert.Equal(600, lengths.Count);
    }

    [Fact]
    public void A_table_of_many_thousand_routes_goes_through_the_buffer_in_pieces()
    {
        var routes = Enumerable
            .Range(0, 50_000)
            .Select(at =>
                RouteText.Parse(
                    $"10.{at >> 8 & 0xff}.{at & 0xff}.0/24 via 192.0.2.1 dev if{1 + (at >> 16)} metric {at}",
                    InterfaceNames.Numbers
                )
            );
        var baseline = new RandomState(Seed).Baseline() with { Table = RouteTable.FromDump(routes) };
        var bytes = Write(json => BaselineDocument.Write(json, baseline));

        Assert.True(BaselineDocument.TryRead(bytes, out var read, out _));
        Assert.True(Same.As(baseline, read));
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var disk = new MemoryDisk();
        disk.WriteDocument("file", write);
        return disk.Read("file");
    }

    private static void AssertDamaged(byte[] bytes)
    {
        Assert.False(SessionEntry.TryRead(bytes, out _, out var fault));
        Assert.Equal(DocumentTrouble.Damaged, fault.Trouble);
    }

    private static byte[] Body(byte[] document) =>
        document[..^(SealedDocument.BeforeChecksum.Length + 8 + SealedDocument.AfterChecksum.Length)];

    private static byte[] Seal(byte[] body)
    {
        byte[] start = [.. body, .. SealedDocument.BeforeChecksum];
        return [.. start, .. Encoding.ASCII.GetBytes(Crc32C.Of(start).ToString("x8")), .. SealedDocument.AfterChecksum];
    }

    private static byte[] Mutated(byte[] body, Random random)
    {
        var bytes = (byte[])body.Clone();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)"\"[]{}0#, "[random.Next(9)];
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                default:
                    var from = random.Next(bytes.Length);
                    bytes[from..Math.Min(bytes.Length, from + 20)]
                        .AsSpan()[..Math.Min(20, Math.Min(bytes.Length - at, bytes.Length - from))]
                        .CopyTo(bytes.AsSpan(at));
                    break;
            }

            if (bytes.Length == 0)
            {
                return body;
            }
        }

        return bytes;
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
