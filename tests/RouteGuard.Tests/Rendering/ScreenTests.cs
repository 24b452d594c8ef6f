using RouteGuard.Rendering;

namespace RouteGuard.Tests.Rendering;

/// <summary>What the environment says of a terminal.</summary>
public sealed class ScreenTests
{
    [Theory]
    [InlineData("TERM=xterm LANG=en_US.UTF-8", 80, true, true, true)]
    [InlineData("TERM=xterm NO_COLOR=1 LANG=C.utf8", 80, false, true, true)]
    [InlineData("TERM=xterm NO_COLOR= LANG=C", 80, true, true, false)]
    [InlineData("TERM=dumb LC_ALL=C LANG=en_US.UTF-8", 80, false, false, false)]
    [InlineData("LC_CTYPE=de_DE.UTF-8 LANG=C", 80, false, false, true)]
    [InlineData("TERM=xterm COLUMNS=120", 120, true, true, false)]
    [InlineData("TERM=xterm COLUMNS=7", 40, true, true, false)]
    [InlineData("TERM=xterm COLUMNS=wide", 80, true, true, false)]
    [InlineData("TERM=xterm COLUMNS=-5", 80, true, true, false)]
    [InlineData("TERM=xterm CI=true GITHUB_ACTIONS=true TF_BUILD=1 LANG=C", 80, true, true, false)]
    public void The_environment_says_what_can_be_shown(
        string environment,
        int width,
        bool hasColor,
        bool movesCursor,
        bool isUnicode
    )
    {
        var variables = environment
            .Split(' ')
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        var screen = Screen.OfTerminal(variables.GetValueOrDefault, 80, 24);
        Assert.Equal(
            (width, hasColor, movesCursor, isUnicode),
            (screen.Width, screen.HasColor, screen.MovesCursor, screen.IsUnicode)
        );
    }

    [Fact]
    public void A_terminal_that_does_not_know_its_size_is_taken_for_80_by_24()
    {
        var screen = Screen.OfTerminal(_ => null, 0, 0);
        Assert.Equal((80, 24), (screen.Width, screen.Height));
    }
}
