using System.Text.RegularExpressions;
using RouteGuard.Rendering;
using RouteGuard.Tests.Tidy;

namespace RouteGuard.Tests.Rendering;

/// <summary>Text reaches a screen in one way only, and the screen is what it was said to be.</summary>
public sealed partial class OneWayOutTests
{
    /// <summary>A pattern that takes this long on one file is a wrong pattern.</summary>
    private const int MatchMillisecondsMax = 5000;

    private static readonly string[] Builders = ["Phrase.cs", "Listing.cs", "Sheet.cs"];

    [Fact]
    public void Nothing_is_read_as_markup_and_no_text_is_made_but_by_paint() =>
        Assert.Empty(
            House
                .Files.Where(file => file.IsIn("src/RouteGuard") && file.Name.EndsWith(".cs", StringComparison.Ordinal))
                .SelectMany(file =>
                    ReadAsMarkup()
                        .Matches(file.Code)
                        .Concat(Builders.Contains(file.Name) ? [] : MadeElsewhere().Matches(file.Code))
                        .Select(match => $"{file.Path}: {match.Value}")
                )
        );

    [Theory]
    [InlineData("new Markup(label)")]
    [InlineData("console.MarkupLine(x)")]
    [InlineData("new Rule(title)")]
    [InlineData("table.AddColumn(\"x\")")]
    [InlineData("new TaskDescriptionColumn()")]
    public void What_would_be_read_as_markup_is_found(string code) => Assert.Matches(ReadAsMarkup(), code);

    [Fact]
    public void What_continuous_integration_says_changes_nothing()
    {
        const string Variable = "GITHUB_ACTIONS";
        var before = Environment.GetEnvironmentVariable(Variable);
        try
        {
            Environment.SetEnvironmentVariable(Variable, "true");
            var profile = Sheet.On(new(80, IsTerminal: true, HasColor: false), TextWriter.Null).Profile;
            Assert.Equal(["Default"], profile.Enrichers);
            Assert.True(profile.Capabilities.Interactive);
            Assert.False(profile.Capabilities.Ansi);
            Assert.Equal((80, 24), (profile.Width, profile.Height));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    // Of Spectre.Console: each of these reads its words as markup.
    [GeneratedRegex(
        @"Markup|\bnew (Rule|Panel|PanelHeader|TableTitle|Tree|TreeNode|BarChart|TextPath|FigletText)\b"
            + @"|\bAdd(Column|Row)\(\s*[""$]|\bTaskDescriptionColumn\b|\bnew TableColumn\(\s*[""$]|\bPrompt<",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex ReadAsMarkup();

    [GeneratedRegex(
        @"\bnew (Text|Paragraph|Segment)\(|\bAnsiConsole\.|\bSegment\.Control\b|\bTableRow\b",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex MadeElsewhere();
}
