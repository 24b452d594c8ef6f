using System.Text.RegularExpressions;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;
using RouteGuard.Report;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Report;

/// <summary>A report without addresses and names of its machine.</summary>
public sealed partial class FactsRedactionTests
{
    private const int MatchMillisecondsMax = 5000;
    private const int Seeds = 12;

    [Fact]
    public void No_address_and_no_name_of_the_machine_is_left_on_the_page_or_in_the_record()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var facts = Randomly(new Random(seed), out var secrets);
            using var pseudonyms = Keyed(seed);
            var redacted = new FactsRedaction(pseudonyms, new NetlinkRedaction(pseudonyms)).Of(facts);
            var page = ReportPage.Write(redacted);
            var record = string.Join('\n', RecordedTable.Of("now", redacted.Now).Lines);
            foreach (var text in new[] { page, record })
            {
                var words = Words().Matches(text).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
                Assert.All(secrets, secret => Assert.False(words.Contains(secret), $"seed {seed}: {secret} is left"));
            }

            Assert.DoesNotContain("Acme", page, StringComparison.Ordinal);
            Assert.DoesNotContain("buildbox", page, StringComparison.Ordinal);
            Assert.DoesNotContain("alice", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_address_has_the_same_pseudonym_in_tables_sentences_and_marks()
    {
        using var pseudonyms = Keyed(1);
        var facts = StoryWorld.Told();
        var redacted = new FactsRedaction(pseudonyms, new NetlinkRedaction(pseudonyms)).Of(facts);
        var gateway = pseudonyms.Of(IpAddress.Parse("192.0.2.1")).ToString();
        Assert.Contains($"via {gateway} ", RouteText.Print(redacted.Now), StringComparison.Ordinal);
        Assert.Contains(
            redacted.Journal.Story,
            record => record.Lines.Any(line => line.Contains(gateway, StringComparison.Ordinal))
        );
        Assert.Contains(
            redacted.Journal.Story,
            record => record.Paths.Any(mark => mark.Route.Contains(gateway, StringComparison.Ordinal))
        );
        Assert.Equal("label-1", redacted.Sessions[0].Label);
        Assert.Contains(
            redacted.Journal.Story,
            record => record.Text.StartsWith("label 'label-1', owner", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_story_stays_the_same_story()
    {
        using var pseudonyms = Keyed(3);
        var facts = StoryWorld.Told();
        var redacted = new FactsRedaction(pseudonyms, new NetlinkRedaction(pseudonyms)).Of(facts);
        var before = ReportPageTests.Body(ReportPage.Write(facts));
        var after = ReportPageTests.Body(ReportPage.Write(redacted));
        foreach (var path in new[] { "//svg//rect", "//svg//circle", "//tr", "//li" })
        {
            Assert.Equal(before.SelectNodes(path)!.Count, after.SelectNodes(path)!.Count);
        }
    }

    [Fact]
    public void On_link_and_the_longest_match_can_still_be_told()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var random = new Random(seed);
            using var pseudonyms = Keyed(seed);
            var tables = new TableRedaction(pseudonyms, new NetlinkRedaction(pseudonyms));
            var table = Randomly(random, out _).Now;
            var other = tables.Of(table);
            for (var asked = 0; asked < 50; asked++)
            {
                // Near a route's destination: a random address meets the default and nothing else.
                var near = table.Routes[random.Next(table.Routes.Length)].Destination.Address;
                var address = IpAddress.FromNumber(near.Family, near.Number ^ (UInt128)random.Next(1 << 12));
                var winner = Lookup.Of(table, address).Winner;
                var otherWinner = Lookup.Of(other, pseudonyms.Of(address)).Winner;
                Assert.True(
                    winner is null
                        ? otherWinner is null
                        : otherWinner is not null && tables.Of(winner).IsSameAs(otherWinner),
                    $"seed {seed}: {address} went by {winner} and goes by {otherWinner}"
                );
            }
        }
    }

    private static Pseudonyms Keyed(int seed)
    {
        var key = new byte[Pseudonyms.KeyBytes];
        new Random(seed).NextBytes(key);
        return new(key);
    }

    // Addresses of two networks, alone and as prefixes, in the words of ip; all of them are remembered.
    private static List<string> RandomLines(Random random, HashSet<string> known)
    {
        IpAddress Any(IpFamily family)
        {
            var bytes = new byte[family == IpFamily.V4 ? 4 : 16];
            random.NextBytes(bytes);
            (bytes[0], bytes[1]) = family == IpFamily.V4 ? ((byte)203, bytes[1]) : ((byte)0x20, (byte)1);
            Assert.True(IpAddress.TryFromBytes(bytes, out var address));
            return address;
        }

        string Remember(IpAddress address)
        {
            known.Add(address.ToString());
            return address.ToString();
        }

        List<string> lines = ["default via 203.0.113.254 dev phys0 proto dhcp src 203.0.113.10 metric 100"];
        known.UnionWith(["203.0.113.254", "203.0.113.10"]);
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            for (var at = 0; at < 20; at++)
            {
                lines.Add($"{Remember(Any(family))} via {Remember(Any(family))} dev phys0");
                var length = family == IpFamily.V4 ? random.Next(20, 32) : random.Next(40, 128);
                lines.Add($"{Remember(Any(family).Masked(length))}/{length} dev tun0");
            }
        }

        return lines;
    }

    // Speaks of the route in every way that a journal has.
    private static JournalRecord Record(string line, int at, ReportFacts facts) =>
        new()
        {
            Number = at + 1,
            At = facts.At.AddSeconds(at),
            Kind = (JournalKind)(at % 11),
            Session = facts.Sessions[0].Id,
            Text =
                at == 0
                    ? "label 'Acme office', owner 4, tunnel tun0"
                    : $"somebody ({line}) at [{line.Split(' ')[0]}]:53",
            Lines = [line, $"missing: {line}, by /home/alice/Acme/vpn (7)", $"{line} because it is of buildbox"],
            Paths = [new(facts.At, IpFamily.V4, PathOwner.Foreign, null, "phys0", line, false)],
        };

    private static ReportFacts Randomly(Random random, out HashSet<string> secrets)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        var lines = RandomLines(random, known);
        known.Add("02:ab:cd:ef:01:23");
        var table = Tables.Parse(
            string.Join('\n', lines.Distinct(StringComparer.Ordinal)),
            Tables.Link(4, "phys0", "veth", "02:ab:cd:ef:01:23", "203.0.113.10/24"),
            Tables.Tun0Link
        );
        var facts = StoryWorld.Told();
        secrets = known;
        return facts with
        {
            Now = table,
            Before = table,
            During = table,
            Journal = JournalExcerpt.Of([.. lines.Select((line, at) => Record(line, at, facts))]),
            Notes = [.. lines],
            Plan = facts.Plan! with
            {
                Problems = [.. lines],
                LeftAlone = [new(lines[1], $"{lines[2]} is of 'Acme office'", true)],
            },
            Checks = [new("a", "note", lines[3], lines[4])],
            Residue = [new(1, lines[5], lines[6], $"ip route del {lines[5]}")],
        };
    }

    [GeneratedRegex("[0-9a-fA-F:.]+", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex Words();
}
