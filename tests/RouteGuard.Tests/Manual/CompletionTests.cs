using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Manual;
using RouteGuard.Tests.Contract;

namespace RouteGuard.Tests.Manual;

/// <summary>What bash, zsh and fish themselves offer for a line, with our scripts loaded.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed class CompletionTests
{
    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    // A line up to the cursor, and what is offered; the word at the cursor is empty after a space.
    private const string Table = """
        routeguard ses|session
        routeguard s|schema session snapshot status
        routeguard session |begin confirm end heartbeat list show up
        routeguard session h|heartbeat
        routeguard session begin --on-d|--on-death --on-drift
        routeguard session begin --on-death |hold keep restore
        routeguard session begin --on-death h|hold
        routeguard session begin --label list --on-drift re|reassert report restore
        routeguard session begin --label session --tunnel tun0 --prob|--probe
        routeguard --state-dir routes session sho|show
        routeguard run --on-drift |reassert report restore
        routeguard routes --owner |baseline foreign kernel machine session
        routeguard routes --owner f|foreign
        routeguard routes --ow|--owner
        routeguard routes --table |local main
        routeguard status --w|--watch
        routeguard restore --from |<files>
        routeguard report --output |<files>
        routeguard diff |<files> baseline now overlay
        routeguard diff now o|overlay
        routeguard blame d|default
        routeguard doctor --fix |all
        routeguard completion |bash fish zsh
        routeguard completion bash |
        routeguard session show |
        routeguard session begin --lease |
        routeguard why |
        routeguard schema sess|session sessions
        routeguard complete-|
        routeguard demo-|
        """;

    public static TheoryData<string, string, string> Lines
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var line in Table.Split('\n'))
            {
                var (typed, offers) = (line[..line.IndexOf('|', StringComparison.Ordinal)], line.Split('|')[1].Trim());
                Array.ForEach(Shells, shell => data.Add(shell, typed, offers));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void Each_shell_offers_the_same(string name, string line, string offers)
    {
        using var shell = new CompletingShell(name);
        var offered = shell.Offers(line);

        // Where nothing can be guessed, bash and zsh show the options instead; fish keeps quiet until there is a dash.
        Assert.Equal(offers, offers.Length == 0 ? WithoutOptions(offered) : offered);
    }

    [Theory]
    [InlineData("bash", "hold keep restore")]
    [InlineData("zsh", "--on-death=hold --on-death=keep --on-death=restore")]
    [InlineData("fish", "--on-death=hold --on-death=keep --on-death=restore")]
    public void A_value_behind_an_equals_sign_is_one_too(string name, string offers)
    {
        using var shell = new CompletingShell(name);
        Assert.Equal(offers, shell.Offers("routeguard run --on-death="));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void An_interface_is_offered_where_one_is_named(string name)
    {
        using var shell = new CompletingShell(name);
        Assert.Contains("lo", shell.Offers("routeguard routes --dev ").Split(' '));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task The_ids_of_sessions_are_asked_of_the_daemon(string name)
    {
        await using var world = new CommandWorld();
        using var shell = new CompletingShell(name);
        shell.RuntimeDirectory = world.Directories.Runtime;
        await world.ArrangeAsync("session");
        foreach (var before in new[] { "session show", "session end", "restore --session", "history --session" })
        {
            Assert.Equal(world.Id, await Task.Run(() => OffersInTime(shell, $"routeguard {before} ")));
        }
    }

    // On a busy machine the program may take longer to start than it lets a person wait; then it offers nothing.
    private static string OffersInTime(CompletingShell shell, string line)
    {
        const int TriesMax = 30;
        var offered = string.Empty;
        for (var tries = 0; tries < TriesMax && offered.Length == 0; tries++)
        {
            offered = WithoutOptions(shell.Offers(line));
        }

        return offered;
    }

    // zsh's own completion system, with a line editor on a terminal of its own.
    [Fact]
    public void A_person_at_a_zsh_gets_the_word_completed()
    {
        using var shell = new CompletingShell("zsh");
        const string Typing = """
            zmodload zsh/zpty
            zpty person zsh -f -i
            zpty -w person "PS1=; autoload -Uz compinit; compinit -u -D; source $1; print rea''dy"
            zpty -r person seen '*ready*'
            zpty -w -n person $'routeguard session heart\t'
            zpty -r person seen '*heartbeat*'
            print -r -- "$seen"
            zpty -d person
            """;
        var (code, seen, error) = Shell.Run(Shell.Find("zsh"), ["-f", "-c", Typing, "zsh", shell.Script]);
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("heartbeat", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_never_answers_holds_no_shell_up()
    {
        await using var world = new CommandWorld();
        Directory.CreateDirectory(world.Directories.Runtime);
        using var deaf = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(world.Directories.Socket));
        deaf.Listen();
        var started = Stopwatch.StartNew();
        Assert.Equal(ExitCode.Done, await world.RunAsync("complete-ids"));
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(10), $"it took {started.Elapsed}");
        Assert.Equal((string.Empty, string.Empty), (world.Out.ToString(), world.Error.ToString()));
    }

    [Fact]
    public void What_is_said_of_an_option_by_its_name_is_said_of_one_that_is_there()
    {
        var line = new CommandLine(ThisMachine.Surroundings(TextWriter.Null, TextWriter.Null));
        var tree = CommandTree.Of(line.MakeRoot());
        var names = tree.SelectMany(node => node.Options.Select(option => option.Name))
            .Concat(tree.SelectMany(node => node.Command.Arguments.Select(argument => argument.Name)));
        Assert.Empty(Expected.Named.Keys.Except(names));
    }

    private static string WithoutOptions(string offered) =>
        string.Join(' ', offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(one => !one.StartsWith('-')));
}
