using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Manual;

namespace RouteGuard.Tests.Manual;

/// <summary>The man page as groff sets it, and what help says.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed class ManPageTests : IDisposable
{
    private static readonly string[] Sections =
    [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "COMMANDS",
        "EXIT STATUS",
        "OUTPUT",
        "ENVIRONMENT",
        "FILES",
        "SEE ALSO",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-man-");
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly CommandLine _line;

    public ManPageTests() => _line = new(ThisMachine.Surroundings(_out, _error));

    private IReadOnlyList<CommandNode> Tree => CommandTree.Of(_line.MakeRoot());

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Groff_sets_it_without_a_warning()
    {
        var (code, _, warnings) = Groff(ManPage.Write(Tree, "1.2.3-rc~1"));
        Assert.Equal((0, string.Empty), (code, warnings));
    }

    [Fact]
    public void A_page_that_is_wrong_is_warned_of() =>
        Assert.NotEqual(string.Empty, Groff(".TH A 8\n.SH NAME\n.nosuchrequest\n\\fQ\n").Warnings);

    [Fact]
    public void The_man_program_shows_it()
    {
        var man = Shell.Find("man");
        var (code, shown, error) = Shell.Run(
            man,
            ["-l", "--warnings", Write(ManPage.Write(Tree, "1"))],
            environment: new Dictionary<string, string> { ["MANWIDTH"] = "80", ["LC_ALL"] = "C.UTF-8" }
        );
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("routeguard - guards the routing table", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Every_command_option_section_and_file_is_on_the_page_as_it_is_set()
    {
        var page = Groff(ManPage.Write(Tree, "1")).Page;
        bool IsTitle(string line) =>
            line.Length > 0 && line[0] != ' ' && line.All(letter => letter == ' ' || char.IsAsciiLetterUpper(letter));
        Assert.Equal(Sections, page.Split('\n').Where(IsTitle));
        var words = string.Join(' ', page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(
            Tree.Skip(1),
            node =>
            {
                Assert.Matches($"(?m)^ +{node.Path}( [A-Z\\[\\]]+)*$", page);
                Assert.All(
                    node.Options.SelectMany(CommandTree.NamesOf),
                    name => Assert.Contains(name, words, StringComparison.Ordinal)
                );
                Assert.Contains(node.Command.Description!, words, StringComparison.Ordinal);
                Assert.All(Examples.Of(node.Path), example => Assert.Contains(example, page, StringComparison.Ordinal));
            }
        );
        Assert.DoesNotContain("demo-inside", page, StringComparison.Ordinal);
        Assert.All(ManualFacts.Files, file => Assert.Contains(file.Path, page, StringComparison.Ordinal));
        Assert.All(ManualFacts.Environment, name => Assert.Contains(name.Name, page, StringComparison.Ordinal));
        Assert.All(
            ManualFacts.ExitCodes,
            exit => Assert.Contains($"{exit.Code} {exit.Meaning}", words, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_exit_codes_on_the_page_are_those_of_the_program()
    {
        var codes = typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!);
        Assert.Equal(codes.Order(), ManualFacts.ExitCodes.Select(exit => exit.Code));
        Assert.Empty(ManualFacts.ExitOf.Keys.Except(Tree.Select(node => node.Path)));
    }

    [Fact]
    public async Task Every_command_has_help_with_examples_and_a_word_on_every_option_and_argument()
    {
        foreach (var node in Tree)
        {
            _out.GetStringBuilder().Clear();
            string[] path = node.Path.Length == 0 ? [] : node.Path.Split(' ');
            Assert.Equal(ExitCode.Done, await _line.RunAsync([.. path, "--help"]));
            Assert.Empty(_error.ToString());
            var help = _out.ToString();
            Assert.Contains("Examples:", help, StringComparison.Ordinal);
            Assert.NotEmpty(Examples.Of(node.Path));
            Assert.All(
                Examples.Of(node.Path).Where(_ => path.Length > 0),
                example => Assert.Contains($"routeguard {node.Path}", example, StringComparison.Ordinal)
            );
            Assert.All(
                node.Options.Select(option => option.Description)
                    .Concat(node.Command.Arguments.Select(argument => argument.Description))
                    .Append(node.Command.Description),
                text =>
                {
                    Assert.False(string.IsNullOrWhiteSpace(text), $"{node.Path} has something without a word");
                    Assert.Contains(text, help, StringComparison.Ordinal);
                }
            );
        }
    }

    [Theory]
    [InlineData("restore --colour", " restore [options]", "See routeguard restore --help.")]
    [InlineData("session shwo x", "show", "See routeguard session --help.")]
    [InlineData("statsu", "status", "See routeguard --help.")]
    public async Task A_line_that_is_wrong_is_told_how_it_is_written(string words, string usage, string see)
    {
        Assert.Equal(ExitCode.Usage, await _line.RunAsync(words.Split(' ')));
        Assert.Empty(_out.ToString());
        Assert.Contains(usage, _error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(see, _error.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private string Write(string page)
    {
        var path = Path.Combine(_folder.FullName, "routeguard.8");
        File.WriteAllText(path, page + "\n");
        return path;
    }

    private (int Code, string Page, string Warnings) Groff(string page)
    {
        string[] words = ["-man", "-ww", "-Tascii", "-P-c", "-P-b", "-P-u", Write(page)];
        return Shell.Run(Shell.Find("groff"), words);
    }
}
