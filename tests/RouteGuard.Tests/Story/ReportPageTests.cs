using System.Xml;
using RouteGuard.Story;

namespace RouteGuard.Tests.Story;

/// <summary>The page of a report.</summary>
public sealed class ReportPageTests
{
    private static readonly ReportFacts Facts = new(
        DateTimeOffset.UnixEpoch,
        "1.0",
        "a kernel",
        new("baseline", "now", ["default via 192.0.2.1 dev phys0"], ["default dev tun0"], [], [], []),
        [("Before", ["default via 192.0.2.1 dev phys0"]), ("Now", ["default dev tun0"])],
        null,
        [
            new(1, DateTimeOffset.UnixEpoch, "sessionBegun", "s1", "<script>alert(1)</script>\e[2J", ["a & b"], null),
            new(2, DateTimeOffset.UnixEpoch.AddSeconds(2), "death", "s1", "tun0 vanished", [], null),
        ],
        ["the state is root's"]
    );

    [Fact]
    public void It_loads_nothing_runs_nothing_and_is_well_formed()
    {
        var page = ReportPage.Write(Facts);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        var body = new XmlDocument();
        body.LoadXml(
            page[page.IndexOf("<body>", StringComparison.Ordinal)..].Replace("</html>", "", StringComparison.Ordinal)
        );
        Assert.Equal(2, body.GetElementsByTagName("circle").Count);
        Assert.Equal(6, body.GetElementsByTagName("section").Count);
    }

    [Fact]
    public void What_differs_is_marked_the_same_in_every_table()
    {
        var page = ReportPage.Write(Facts);
        Assert.Contains("<span class=\"del\">default via 192.0.2.1 dev phys0</span>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"add\">default dev tun0</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_becomes_the_same_other_one_everywhere_and_what_is_no_address_stays()
    {
        var redaction = new Redaction();
        var text = redaction.Apply(
            "via 192.0.2.1 at 12:34:56.789, fe80::1, 192.0.2.1/24, 10.8.0.2, 127.0.0.1, ::/0, 0.0.0.0/1"
        );
        Assert.Equal(
            "via 240.0.0.1 at 12:34:56.789, 100::2, 240.0.0.1/24, 240.0.0.3, 127.0.0.1, ::/0, 0.0.0.0/1",
            text
        );
        Assert.Equal("240.0.0.1", redaction.Apply("192.0.2.1"));
        Assert.Equal("02:00:00:00:00:04", redaction.Apply("aa:bb:cc:dd:ee:ff"));
    }
}
