using RouteGuard.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Tests.Rendering;

/// <summary>What reaches a terminal.</summary>
public sealed class PaintTests
{
    private static readonly Screen Colored = new(80, IsTerminal: true, HasColor: true);

    [Theory]
    [InlineData("\e]0;owned\a", @"\x1b]0;owned\x07")]
    [InlineData("a\rb", @"a\x0db")]
    [InlineData("gpj.\u202eexe", @"gpj.\u202eexe")]
    [InlineData("\u009b2J", @"\x9b2J")]
    [InlineData("vpn\ndone\ue0f4", @"vpn\x0adone\ue0f4")]
    [InlineData("tab\there", @"tab\x09here")]
    [InlineData("a\U000E0041b", @"a\U000e0041b")]
    [InlineData("[red]not markup[/] [[", "[red]not markup[/] [[")]
    [InlineData("Büro 東京", "Büro 東京")]
    public void What_controls_a_terminal_is_made_visible_and_nothing_is_markup(string text, string shown)
    {
        Assert.Equal(shown, Paint.Foreign(text));
        Assert.Equal(shown + "\n", Sheet.Print(Paint.Say(text), Colored));
        Assert.Equal(shown + "\n", Sheet.Print(Paint.Say(text), Screen.Plain));
        Assert.Equal($"\e[31m{shown}\e[0m\n", Sheet.Print(Paint.Red(text), Colored).Replace("\e[0m\e[31m", ""));
    }

    [Fact]
    public void Half_a_letter_is_shown_as_the_number_that_it_is() =>
        Assert.Equal(@"half \ud83d", Paint.Foreign("half " + '\ud83d'));

    [Theory]
    [InlineData("x\e[2Jy", @"x\x1b[2Jy")]
    [InlineData("x\u202ey", @"x\u202ey")]
    public void What_was_not_made_here_is_made_visible_on_its_way_out(string text, string shown)
    {
        Assert.Contains(shown, Sheet.Print(new Careless(text), Colored), StringComparison.Ordinal);
        Assert.Contains(shown, Sheet.Print(new Careless(text), Screen.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_but_a_console_that_may_moves_the_cursor()
    {
        var moves = new Moving();
        Assert.Equal("\e[2Jx", Sheet.Print(moves, Colored).TrimEnd());
        Assert.Equal("x", Sheet.Print(moves, Colored with { MovesCursor = false, HasColor = false }).TrimEnd());
        Assert.Equal("x", Sheet.Print(moves, Screen.Plain).TrimEnd());
    }

    [Fact]
    public void Colour_is_there_only_where_somebody_can_see_it()
    {
        Assert.Equal("\e[31mno\e[0m\n", Sheet.Print(Paint.Red("no"), Colored));
        Assert.Equal("no\n", Sheet.Print(Paint.Red("no"), Colored with { HasColor = false }));
        Assert.Equal("no\n", Sheet.Print(Paint.Bold("no"), new(80, IsTerminal: true, HasColor: false)));
        Assert.Equal("no\n", Sheet.Print(Paint.Red("no"), Screen.Plain));
    }

    [Fact]
    public void Where_the_locale_is_not_of_utf8_only_ascii_is_shown()
    {
        var ascii = Screen.Plain with { IsUnicode = false };
        Assert.Equal("... and B\\u00fcro\n".Replace("\\u00fc", "\\xfc"), Sheet.Print(Paint.Say("… and Büro"), ascii));
        Assert.All(
            Sheet.Print(new Rule("t"), Colored with { IsUnicode = false }),
            letter => Assert.True(letter < 0x7f)
        );
    }

    /// <summary>A piece of a page that did not come from <see cref="Paint"/>.</summary>
    private sealed class Careless(string text) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [new(text)];
    }

    private sealed class Moving : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control("\e[2J"), new("x")];
    }
}
