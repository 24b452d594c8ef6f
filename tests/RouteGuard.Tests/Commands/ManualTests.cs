using RouteGuard.Commands;
using RouteGuard.Manual;

namespace RouteGuard.Tests.Commands;

/// <summary>Completion, man page and help are made from the commands themselves.</summary>
public sealed class ManualTests
{
    private readonly StringWriter _out = new();
    private readonly CommandLine _line;

    public ManualTests() => _line = new(ThisMachine.Surroundings(_out, _out));

    [Theory]
    [InlineData("completion", "bash")]
    [InlineData("completion", "zsh")]
    [InlineData("completion", "fish")]
    [InlineData("man", null)]
    public async Task Each_command_and_each_of_its_options_is_there_and_no_hidden_one(string command, string? shell)
    {
        string[] words = shell is null ? [command] : [command, shell];
        Assert.Equal(ExitCode.Done, await _line.RunAsync(words));
        var text = _out.ToString().Replace("\\-", "-", StringComparison.Ordinal);
        Assert.All(
            CommandTree.Of(_line.MakeRoot()).Skip(1),
            node =>
            {
                Assert.Contains(node.Path.Split(' ')[^1], text, StringComparison.Ordinal);
                Assert.All(
                    node.Options,
                    option => Assert.Contains(option.Name.TrimStart('-'), text, StringComparison.Ordinal)
                );
            }
        );
        Assert.DoesNotContain("demo-inside", text, StringComparison.Ordinal);
        Assert.DoesNotContain("run-held", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help_and_examples_are_of_commands_that_are_there()
    {
        foreach (var node in CommandTree.Of(_line.MakeRoot()).Skip(1))
        {
            _out.GetStringBuilder().Clear();
            Assert.Equal(ExitCode.Done, await _line.RunAsync([.. node.Path.Split(' '), "--help"]));
            Assert.Equal(
                Examples.Of(node.Command.Name).Count > 0,
                _out.ToString().Contains("Examples:", StringComparison.Ordinal)
            );
            Assert.All(
                Examples.Of(node.Path),
                example => Assert.Contains($"routeguard {node.Path}", example, StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("completion powershell")]
    [InlineData("report")]
    [InlineData("restore --all --session s1")]
    public async Task What_makes_no_sense_ends_with_two(string words) =>
        Assert.Equal(ExitCode.Usage, await _line.RunAsync(words.Split(' ')));
}
