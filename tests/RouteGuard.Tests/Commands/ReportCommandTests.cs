using RouteGuard.Commands;
using RouteGuard.Platform.Recording;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>report and routes --from over a guard in memory.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private readonly GuardWorld _world = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("report-").FullName;
    private TimeSpan? _listened;

    [Fact]
    public async Task The_page_is_a_new_file_of_ones_own_and_never_goes_over_another()
    {
        var page = Path.Combine(_folder, "a.html");
        Assert.Equal(ExitCode.Done, await RunAsync("report", "--output", page));
        Assert.Contains(
            "192.0.2.1",
            await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(page));
        Assert.Contains("--redact replaces them", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await RunAsync("report", "--output", page));
        Assert.StartsWith($"Cannot write {page}: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public async Task A_record_lies_beside_the_page_and_both_have_the_same_pseudonyms()
    {
        var page = Path.Combine(_folder, "a.html");
        Assert.Equal(ExitCode.Done, await RunAsync("report", "--output", page, "--record", "--seconds", "7"));
        Assert.Equal(TimeSpan.FromSeconds(7), _listened);
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        var record = Recorded.Read(Path.Combine(_folder, "a.record.jsonl"));
        var gateway = record.Tables.Single(table => table.Name == "now").Lines[0].Split(' ')[2];
        Assert.DoesNotContain("192.0.2.1 ", html, StringComparison.Ordinal);
        Assert.NotEqual("192.0.2.1", gateway);
        Assert.Contains($"default via {gateway} dev phys0 proto dhcp", html, StringComparison.Ordinal);
        Assert.Contains(record.Head.Notes, note => note.Contains("pseudonyms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_may_be_named_and_its_routes_be_shown()
    {
        var file = Path.Combine(_folder, "b.jsonl");
        Assert.Equal(
            ExitCode.Done,
            await RunAsync("report", "--output", Path.Combine(_folder, "a.html"), "--record", file)
        );
        Assert.Equal(TimeSpan.Zero, _listened);
        Assert.Equal(ExitCode.Done, await RunAsync("routes", "--from", file));
        Assert.Contains("No route.", _out.ToString(), StringComparison.Ordinal);
        Assert.Contains("a record holds no sessions", _out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seconds", "3")]
    [InlineData("--record", "--seconds", "61")]
    [InlineData("--record", "--seconds", "-1")]
    public async Task To_listen_is_bounded_and_only_for_a_record(params string[] words)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(["report", "--output", Path.Combine(_folder, "a.html"), .. words]));
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Theory]
    [InlineData("{\"kind\":\"no\"}")]
    [InlineData("")]
    [InlineData(null)]
    public async Task What_is_no_record_is_refused(string? text)
    {
        var file = Path.Combine(_folder, "c");
        if (text is not null)
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(ExitCode.Failed, await RunAsync("routes", "--from", file));
        Assert.StartsWith("Cannot ", _error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<int> RunAsync(params string[] words)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        _world.NewProcess();
        var surroundings = new Surroundings(
            _out,
            _error,
            _ => new(_world.Guard, _world.Machine, []),
            () => _world.Kernel,
            (_, recordsMax) => _world.Machine.ReadTail(recordsMax),
            _world.Machine.BootId,
            _world.Time
        )
        {
            ReadState = _ => new([.. _world.Machine.Stored.Values], [], []),
            ReadFacts = () => new(true, "a kernel", new HashSet<string>(), [], false, _ => null),
            Record = (listen, _) =>
            {
                _listened = listen;
                return new KernelTraffic(_world.Kernel.Table, [], [], []);
            },
        };
        return new CommandLine(surroundings).RunAsync([.. words, "--runtime-dir", "/nowhere"]);
    }
}
