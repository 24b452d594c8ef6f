using System.Text.Json;
using RouteGuard.Commands;
using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary><c>restore</c> without a daemon: the plan, the question, the bar, what has changed, and Ctrl-C.</summary>
public sealed class RestoreTests
{
    private const string Behind = "default via 192.0.2.1 dev phys0 metric 4000";
    private const string Own = "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100";

    private readonly CommandWorld _commands = new();
    private string _answer = "y";
    private Action _interrupt = () => { };

    // The VPN is dead, and nobody has watched.
    public RestoreTests()
    {
        _commands.TunnelIsUp();
        _commands.Guarded.Kernel.RemoveLink("tun0");
        _commands.Guarded.Kernel.Sent.Clear();
    }

    [Theory]
    [InlineData("n", ExitCode.Failed)]
    [InlineData("", ExitCode.Failed)]
    [InlineData("y", ExitCode.Done)]
    public async Task On_a_terminal_it_shows_its_plan_and_asks_first(string answer, int code)
    {
        _answer = answer;

        Assert.Equal(code, await OnTerminalAsync("restore", "--offline"));

        Assert.StartsWith("A restore would take 3 steps:\n  1.  add default", Shown, StringComparison.Ordinal);
        Assert.Contains("\nDo it? [y/N] ", Shown, StringComparison.Ordinal);
        Assert.Equal(answer == "y", _commands.Guarded.Kernel.Sent.Count > 0);
        Assert.Equal(answer == "y", _commands.Guarded.Now == GuardWorld.Home);
        Assert.Equal(answer == "y", _commands.Error.ToString().Length == 0);
    }

    [Fact]
    public async Task What_was_shown_as_a_plan_is_not_shown_again_but_what_has_changed_is()
    {
        await OnTerminalAsync("restore", "--offline");

        var done = Shown[Shown.IndexOf("Do it? [y/N] ", StringComparison.Ordinal)..];
        Assert.Matches(@"^Do it\? \[y/N\] Restored in [0-9.]+ ms, 3 steps, because a restore was asked for\.\n", done);
        Assert.Matches($@"\nIPv4 +before +{Behind} *\n", done);
        Assert.Matches(@"\nIPv4 +now +default via 192\.0\.2\.1 dev phys0 proto dhcp", done);
        Assert.Matches(@"\nIPv6 +as before +::/0 via", done);
        Assert.Contains($"\n- {Behind}", done, StringComparison.Ordinal);
        Assert.Contains("\n+ default via 192.0.2.1 dev phys0 proto dhcp", done, StringComparison.Ordinal);
        Assert.EndsWith(
            "\nVerified: the table was read again, and it is as planned.\n",
            done,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("because it", done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_nobody_is_asked_and_each_step_is_a_line_with_its_outcome()
    {
        Assert.Equal(ExitCode.Done, await _commands.RunAsync("restore", "--offline"));

        var lines = Shown.Split('\n');
        Assert.Equal($"  1.  add {Own}  because it belongs to the baseline and is missing: Applied", lines[1]);
        Assert.Contains($"IPv4  now        {Own}", lines);
        Assert.Contains("- 203.0.113.2 via 192.0.2.1 dev phys0", lines);
        Assert.DoesNotContain("Do it?", Shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', Shown);
    }

    [Fact]
    public async Task Halves_that_leave_in_two_ways_are_told_as_two()
    {
        _commands.Guarded.Kernel.Add("0.0.0.0/1 via 192.0.2.9 dev phys0");
        _commands.Guarded.Kernel.Add("128.0.0.0/1 via 192.0.2.9 dev phys0");

        await _commands.RunAsync("restore", "--offline");

        Assert.Contains(
            """
            IPv4  as before  0.0.0.0/1 via 192.0.2.9 dev phys0
            IPv4  as before  128.0.0.0/1 via 192.0.2.9 dev phys0
            IPv6  as before  ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
            """,
            Shown,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_leak_that_the_journal_tells_of_is_told_and_an_old_one_is_not()
    {
        Journal("an old one", TimeSpan.FromHours(-1));
        _commands.Guarded.Kernel.Refuse = _ =>
        {
            Journal("IPv4: nothing led out for 7 ms", TimeSpan.Zero);
            _commands.Guarded.Kernel.Refuse = _ => null;
            return null;
        };

        await _commands.RunAsync("restore", "--offline");

        Assert.Contains("\nleak  IPv4: nothing led out for 7 ms\n", Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("an old one", Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_long_has_a_bar_that_is_gone_in_the_end()
    {
        using var isSeen = new ManualResetEventSlim();
        _commands.Guarded.Kernel.Refuse = _ =>
        {
            isSeen.Wait(TimeSpan.FromSeconds(10));
            return null;
        };
        _commands.Around = usual =>
            Terminal(usual) with
            {
                Time = new HurriedTime(),
                Out = new AwaitingWriter(usual.Out, "0 of 3 steps, pass 1", isSeen.Set),
            };

        Assert.Equal(ExitCode.Done, await _commands.RunAsync("restore", "--offline", "--yes"));

        Assert.Contains("0 of 3 steps, pass 1", Shown, StringComparison.Ordinal);
        var end = Shown[Shown.LastIndexOf("\e[?25h", StringComparison.Ordinal)..];
        Assert.Contains("Verified", end, StringComparison.Ordinal);
        Assert.DoesNotContain("of 3 steps", end, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_it_fails_with_what_to_do_and_the_next_one_finishes()
    {
        _commands.Guarded.Options = new() { StepsPerBatchMax = 1 };
        _commands.Guarded.Kernel.Refuse = _ =>
        {
            _interrupt();
            return null;
        };
        _commands.Around = usual => usual with { OnInterrupt = Listen };

        Assert.Equal(ExitCode.Failed, await _commands.RunAsync("restore", "--offline", "--json"));

        Assert.Single(_commands.Guarded.Kernel.Sent);
        Assert.Equal("failed", JsonSerializer.Deserialize(Shown, ApiJson.Default.ReportView)!.Result);
        Assert.Contains("run routeguard restore again", _commands.Error.ToString(), StringComparison.Ordinal);

        _commands.Guarded.Kernel.Refuse = _ => null;
        Assert.Equal(ExitCode.Done, await _commands.RunAsync("restore", "--offline"));
        Assert.Equal(GuardWorld.Home, _commands.Guarded.Now);
    }

    [Fact]
    public async Task Without_a_session_there_is_nothing_to_do_and_nothing_to_compare()
    {
        await _commands.RunAsync("restore", "--offline");
        await _commands.RunAsync("restore", "--offline");
        Assert.Equal("Nothing to do: no session is open.\n", Shown);
    }

    private string Shown => _commands.Out.ToString();

    private void Journal(string text, TimeSpan offset) =>
        _commands.Guarded.Machine.Append(
            new()
            {
                At = _commands.Guarded.Time.GetUtcNow() + offset,
                Kind = JournalKind.LeakWindow,
                Text = text,
            }
        );

    private IDisposable Listen(Action stop)
    {
        _interrupt = stop;
        return new CancellationTokenSource();
    }

    private Surroundings Terminal(Surroundings usual) =>
        usual with
        {
            Screen = new(80, IsTerminal: true, HasColor: false) { MovesCursor = true, Ask = () => _answer },
        };

    private Task<int> OnTerminalAsync(params string[] words)
    {
        _commands.Around = Terminal;
        return _commands.RunAsync(words);
    }
}
