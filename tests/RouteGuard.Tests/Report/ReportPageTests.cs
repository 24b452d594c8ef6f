using System.Text.RegularExpressions;
using System.Xml;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Report;

namespace RouteGuard.Tests.Report;

/// <summary>The page of a report.</summary>
public sealed partial class ReportPageTests
{
    private const int MatchMillisecondsMax = 5000;
    private const string Evil = "<script>alert(1)</script>\e[2J\u202e \"a & b\" http://example.org";

    [Fact]
    public void It_loads_nothing_runs_nothing_and_is_well_formed()
    {
        var page = ReportPage.Write(StoryWorld.Told());
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(OutwardUrl(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
        var body = Body(page);
        Assert.Equal(
            7,
            body.GetElementsByTagName("section").Cast<XmlElement>().Count(one => one.GetAttribute("class").Length == 0)
        );
        Assert.Equal(4, body.SelectNodes("//svg[@role='img' and title and desc and @aria-labelledby]")!.Count);
        var ids = body.SelectNodes("//@id")!.Cast<XmlAttribute>().Select(id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Whatever_a_text_holds_it_is_text()
    {
        var facts = StoryWorld.Told();
        JournalRecord[] evil = [.. facts.Journal.Story.Select(record => record with { Text = Evil, Lines = [Evil] })];
        var page = ReportPage.Write(
            facts with
            {
                Machine = new(Evil, Evil, Evil),
                Version = Evil,
                Notes = [Evil],
                Sessions = [.. facts.Sessions.Select(session => session with { Label = Evil, Tunnel = Evil })],
                Plan = facts.Plan! with
                {
                    Problems = [Evil],
                    LeftAlone = [new(Evil, Evil, true)],
                    Steps = [new(Evil, Evil, Evil)],
                },
                Checks = [new(Evil, Evil, Evil, Evil)],
                Residue = [new(1, Evil, Evil, Evil)],
                Journal = facts.Journal with { Story = evil, Tail = evil },
            }
        );
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\e', page);
        Assert.DoesNotContain('\u202e', page);
        Body(page);
    }

    [Fact]
    public void The_summary_says_what_happened_how_long_what_was_restored_and_what_is_wrong_now()
    {
        var page = ReportPage.Write(StoryWorld.Told());
        var summary = Body(page).SelectSingleNode("//section[contains(@class,'summary')]")!;
        Assert.Contains("ok", summary.Attributes!["class"]!.Value, StringComparison.Ordinal);
        Assert.Equal("A VPN died, and the table was restored", summary.SelectSingleNode("h2")!.InnerText);
        Assert.Equal(
            [
                "Session s20261123-120000-3fa81c59 (Acme office) began at 2026-11-23 12:00:00 UTC and died at 12:22:00.003: "
                    + "its tunnel tun0 is gone. Meanwhile its routes were changed by somebody else 1 time.",
                "IPv4: 6 ms in all (0.0.0.0/0 did not lead into the tunnel).",
                "2 steps (1 add, 1 delete), the last one written down 3 ms after the death was; none was refused. The session was closed: its tunnel tun0 is gone.",
                "Nothing that RouteGuard sees.",
                "IPv4: default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100. IPv6: ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100.",
            ],
            summary.SelectNodes("dl/dd")!.Cast<XmlNode>().Select(one => one.InnerText)
        );
    }

    [Fact]
    public void What_is_wrong_now_is_the_headline()
    {
        var facts = StoryWorld.Told();
        var page = ReportPage.Write(
            facts with
            {
                Residue = [new(1, "203.0.113.2 via 192.0.2.1 dev phys0", "its tunnel is gone", "ip route del")],
            }
        );
        Assert.Contains(
            "<section class=\"summary problem\"><h2>Something is wrong now</h2>",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("Dead VPNs left 1 entry behind.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void What_differs_bears_a_sign_in_every_table()
    {
        string[] before = ["a", "b", "c"];
        Assert.Equal(
            [(' ', "a"), ('\u2212', "b"), (' ', "c"), ('+', "d")],
            PageTables.Compare(before, ["a", "c", "d"])
        );
        var columns = Body(ReportPage.Write(StoryWorld.Told())).SelectNodes("//div[@class='columns']/div")!;
        Assert.Equal(3, columns.Count);
        string Signs(int column) =>
            string.Concat(
                columns[column]!.SelectNodes(".//span[@class='sign']")!.Cast<XmlNode>().Select(one => one.InnerText)
            );
        Assert.Equal("", Signs(0));
        Assert.Equal("\u2212+++", Signs(1));
        Assert.Equal("", Signs(2));
        Assert.Contains("default dev tun0", columns[1]!.InnerText, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_span_of_the_path_and_every_event_is_in_the_tables_too()
    {
        var facts = StoryWorld.Told();
        var story = IncidentStory.Of(facts.Journal, facts.At, facts.IsGuarded);
        var tables = Body(ReportPage.Write(facts)).SelectNodes("//table")!.Cast<XmlElement>().ToArray();
        Assert.Equal(story.Paths.Count, tables[0].SelectNodes("tbody/tr")!.Count);
        Assert.Equal(story.Events.Count, tables[1].SelectNodes("tbody/tr")!.Count);
        Assert.Equal(story.Leaks.Count, tables[2].SelectNodes("tbody/tr")!.Count);
    }

    [Fact]
    public void A_journal_of_a_hundred_thousand_long_records_and_a_long_table_make_a_page_of_bounded_size()
    {
        const int Records = 100_000;
        var facts = StoryWorld.Told();
        var session = facts.Journal.Focus!.Value;
        string[] lines = [.. Enumerable.Repeat(new string('\u202e', 2000), JournalRecord.LinesMax)];
        PathMark Mark(int at) =>
            new(
                facts.At.AddSeconds(at),
                IpFamily.V4,
                (PathOwner)(at % 8),
                session.Value,
                "phys0",
                lines[0],
                at % 3 == 0
            );
        JournalRecord[] all =
        [
            .. Enumerable
                .Range(0, Records)
                .Select(at => new JournalRecord
                {
                    Number = at + 1,
                    At = facts.At.AddSeconds(at),
                    Kind = (JournalKind)(at % 11),
                    Session = at % 5 == 0 ? SessionId.Parse($"s-{at % 1000}") : session,
                    Text = at % 11 == (int)JournalKind.LeakWindow ? "IPv4: there was no default for 12 ms" : lines[0],
                    Lines = lines,
                    Paths = [Mark(at)],
                    Concludes = at,
                }),
        ];
        var many = ManyRoutes(Records);
        var page = ReportPage.Write(
            facts with
            {
                Journal = JournalExcerpt.Of(all),
                Now = many,
                Before = many,
                During = facts.Before,
                Checks = [.. Enumerable.Repeat(facts.Checks[0] with { Text = lines[0] }, 1000)],
                Residue =
                [
                    .. Enumerable.Repeat(new RouteGuard.Doctor.ResidueView(1, lines[0], lines[0], lines[0]), 1000),
                ],
            }
        );
        Assert.InRange(page.Length, 100_000, ReportPage.LettersMax);
        Assert.Contains("The last 200 of 100000 records", page, StringComparison.Ordinal);
        Assert.Contains("records in the middle of the story are left out.", page, StringComparison.Ordinal);
        Assert.Contains("events are not drawn.", page, StringComparison.Ordinal);
        Assert.Contains("more that do not differ or find no room", page, StringComparison.Ordinal);
        Body(page);
    }

    [Fact]
    public void Without_anything_stored_there_is_a_page_that_says_so()
    {
        var facts = StoryWorld.Told();
        var page = ReportPage.Write(
            facts with
            {
                Journal = JournalExcerpt.Of([]),
                Sessions = [],
                Before = null,
                During = null,
                Plan = null,
                IsGuarded = false,
            }
        );
        Assert.Contains("The journal names no session, so there is nothing to draw.", page, StringComparison.Ordinal);
        Assert.Contains("No session is stored", page, StringComparison.Ordinal);
        Body(page);
    }

    private static RouteTable ManyRoutes(int count) =>
        RouteTable.FromDump(
            Enumerable
                .Range(0, count)
                .Select(at => new Route
                {
                    Destination = Prefix.Host(IpAddress.V4(0x0a00_0000u + (uint)at)),
                    NextHop = new NextHop.OnLink(new(4)),
                })
        );

    /// <summary>The body as XML: every element is closed and every letter encoded.</summary>
    internal static XmlDocument Body(string page)
    {
        var body = new XmlDocument();
        body.LoadXml(
            page[page.IndexOf("<body>", StringComparison.Ordinal)..]
                .Replace("</html>", "", StringComparison.Ordinal)
                .Replace("<br>", "<br/>", StringComparison.Ordinal)
        );
        return body;
    }

    // A pattern of the same page is named by #.
    [GeneratedRegex(@"url\((?!#)", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex OutwardUrl();
}
