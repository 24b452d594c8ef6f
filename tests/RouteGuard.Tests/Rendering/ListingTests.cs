using RouteGuard.Rendering;
using Spectre.Console.Rendering;

namespace RouteGuard.Tests.Rendering;

/// <summary>Lists on screens of every width, and where there is none.</summary>
public sealed class ListingTests
{
    private const string Route = "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100";

    private static readonly Listing Routes = new(
        ["OWNER", "ROUTE"],
        [
            new("baseline (dhcp)", Route) { Below = ["because it is so"] },
            new("session s20261128-024914-1a2b3c4d", "default dev tun0"),
        ]
    );

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_longer_than_the_screen_is_wide(int width)
    {
        var lines = Sheet.Print(Routes, new(width, IsTerminal: true, HasColor: false)).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
        Assert.Contains(lines, line => line.Contains("because it is so", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_column_is_wrapped_under_itself()
    {
        var list = new Listing(["OWNER", "ROUTE"], [new("baseline", Route)]);
        Assert.Equal(
            [
                "OWNER     ROUTE",
                "baseline  default via 192.0.2.1 dev",
                "          phys0 proto dhcp src",
                "          192.0.2.10 metric 100",
            ],
            Lines(list, new(40, IsTerminal: true, HasColor: false))
        );
    }

    [Fact]
    public void Where_no_room_is_left_for_the_last_column_a_record_is_a_block() =>
        Assert.Equal(
            [
                "OWNER  baseline (dhcp)",
                "ROUTE  default via 192.0.2.1 dev phys0",
                "       proto dhcp src 192.0.2.10 metric",
                "       100",
                "       because it is so",
                "",
                "OWNER  session s20261128-024914-1a2b3c4d",
                "ROUTE  default dev tun0",
            ],
            Lines(Routes, new(40, IsTerminal: true, HasColor: false))
        );

    [Fact]
    public void Without_a_terminal_a_record_is_a_line_in_columns_without_blanks_at_its_end() =>
        Assert.Equal(
            [
                "OWNER                              ROUTE",
                $"baseline (dhcp)                    {Route}  because it is so",
                "session s20261128-024914-1a2b3c4d  default dev tun0",
                "",
            ],
            Sheet.Print(Routes, Screen.Plain).Split('\n')
        );

    [Fact]
    public void Another_line_of_a_record_says_whose_it_is_only_where_lines_are_read_alone()
    {
        var list = new Listing(
            null,
            [new("12:00", "begun", "label"), new("12:00", "begun", "made x") { IsMore = true }]
        );
        Assert.Equal("12:00  begun  label\n12:00  begun  made x\n", Sheet.Print(list, Screen.Plain));
        Assert.Equal(
            ["12:00  begun  label", "              made x"],
            Lines(list, new(80, IsTerminal: true, HasColor: false))
        );
    }

    [Fact]
    public void A_wide_letter_takes_two_columns()
    {
        var list = new Listing(null, [new("東京", "x"), new("Oslo", "y")]);
        Assert.Equal("東京  x\nOslo  y\n", Sheet.Print(list, Screen.Plain));
    }

    [Fact]
    public void An_empty_list_is_nothing_and_an_empty_table_its_head()
    {
        Assert.Empty(Sheet.Print(new Listing(null, []), Screen.Plain));
        Assert.Empty(Sheet.Print(new Listing(null, []), new(80, IsTerminal: true, HasColor: true)));
        Assert.Equal("A  B\n", Sheet.Print(new Listing(["A", "B"], []), Screen.Plain));
    }

    [Fact]
    public void A_terminal_shows_the_first_ones_and_counts_the_rest()
    {
        var list = new Listing(null, [.. Enumerable.Range(1, 9).Select(at => new Row($"{at}.", "x"))])
        {
            OnTerminalMax = 2,
        };
        Assert.Equal(["1.  x", "2.  x", "    … and 7 more"], Lines(list, new(80, IsTerminal: true, HasColor: false)));
        Assert.Equal(9, Lines(list, Screen.Plain).Count);
    }

    [Fact]
    public void A_list_longer_than_anybody_reads_is_lines_on_a_terminal_too()
    {
        const int Many = 2000;
        Row[] rows = [.. Enumerable.Range(1, Many).Select(at => new Row($"{at}", "b"))];
        Row more = new("another", "c") { IsMore = true };
        var terminal = new Screen(80, IsTerminal: true, HasColor: false);
        Assert.Equal("      c", Lines(new Listing(null, [.. rows[1..], more]), terminal)[^1]);
        Assert.Equal("2000  c", Lines(new Listing(null, [.. rows, more]), terminal)[^1]);
    }

    private static List<string> Lines(IRenderable shown, Screen screen) =>
        [.. Sheet.Print(shown, screen).TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
}
