using RouteGuard.Rendering;

namespace RouteGuard.Tests.Rendering;

/// <summary>What reaches a terminal.</summary>
public sealed class PaintTests
{
    [Theory]
    [InlineData("\e]0;owned\a", @"\x1b]0;owned\x07")]
    [InlineData("a\rb", @"a\x0db")]
    [InlineData("gpj.\u202eexe", @"gpj.\u202eexe")]
    [InlineData("\u009b2J", @"\x9b2J")]
    public void What_controls_a_terminal_is_made_visible(string text, string shown) =>
        Assert.Equal(shown, Paint.Finish(text, hasColor: true));

    [Fact]
    public void A_foreign_name_cannot_begin_a_line_of_its_own_nor_bring_colour() =>
        Assert.Equal(@"vpn\x0adone\ue0f4", Paint.Foreign("vpn\ndone\ue0f4"));

    [Fact]
    public void Colour_is_there_only_where_somebody_can_see_it()
    {
        Assert.Equal("\e[31mno\e[0m", Paint.Finish(Paint.Red("no"), hasColor: true));
        Assert.Equal("no", Paint.Finish(Paint.Red("no"), hasColor: false));
    }

    [Fact]
    public void The_last_column_is_wrapped_where_the_screen_ends()
    {
        string[][] rows =
        [
            ["baseline", "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100"],
        ];
        var lines = Columns.Print(["OWNER", "ROUTE"], rows, 40).Split('\n');
        Assert.All(lines, line => Assert.InRange(Paint.WidthOf(line), 1, 40));
        Assert.Equal(2, Columns.Print(["OWNER", "ROUTE"], rows).Split('\n').Length);
    }
}
