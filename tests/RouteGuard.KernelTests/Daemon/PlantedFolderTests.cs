using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>A stranger was there before the daemon and laid something in its way.</summary>
public sealed class PlantedFolderTests
{
    /// <summary>
    /// What the stranger does in a folder of everybody ($open, 1777) and in one of his own ($his); where the daemon is
    /// then told to put its socket and its state.
    /// </summary>
    public static TheoryData<string, string, string, string> Plants =>
        new()
        {
            {
                "the runtime directory is a link",
                "mkdir $his/goal; ln -s $his/goal $open/run",
                "$open/run",
                "$safe/st"
            },
            { "the runtime directory is his", "mkdir $open/run; chmod 755 $open/run", "$open/run", "$safe/st" },
            { "the runtime directory is everybody's", "true", "$open", "$safe/st" },
            { "the runtime directory is in a folder of his", "true", "$his/run", "$safe/st" },
            { "the runtime directory is behind a link", "ln -s $his $open/up", "$open/up/run", "$safe/st" },
            { "the state directory is a link", "mkdir $his/goal; ln -s $his/goal $open/st", "$safe/run", "$open/st" },
            { "the state directory is his", "mkdir $open/st; chmod 700 $open/st", "$safe/run", "$open/st" },
            { "the state directory is everybody's", "true", "$safe/run", "$open" },
            { "the state directory is in a folder of his", "true", "$safe/run", "$his/st" },
            { "the state directory is behind a link", "ln -s $his $open/up", "$safe/run", "$open/up/st" },
            { "the state directory is a file", "touch $open/st", "$safe/run", "$open/st" },
        };

    [Theory]
    [MemberData(nameof(Plants))]
    public void The_daemon_does_not_start_and_touches_nothing(string what, string plant, string runtime, string state)
    {
        using var daemon = new DaemonLab();
        var place = new Place(daemon);
        place.Prepare();
        daemon.RunAs(Person.Stranger, "sh", "-c", place.Fill(plant)).MustExit(0);
        var before = place.Listing();

        var refused = daemon.Lab.Host.Run(
            daemon.Guard.WordsWithoutFolders(
                "daemon",
                "--runtime-dir",
                place.Fill(runtime),
                "--state-dir",
                place.Fill(state)
            )
        );

        Assert.True(refused.ExitCode is > 0 and < 128, $"{what}: {refused}");
        Assert.Contains("Cannot use the ", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, place.Listing());
    }

    /// <summary>The same places without a plant are good ones: the refusals above are for what was planted.</summary>
    [Theory]
    [InlineData("true", "$open/run", "$open/st")]
    [InlineData("ln -s $safe $open/up", "$open/up/run", "$open/up/st")]
    [InlineData("mkdir $open/run; chmod 755 $open/run", "$open/run", "$open/st")]
    public void Where_nobody_but_root_planted_something_the_daemon_starts(string plant, string runtime, string state)
    {
        using var daemon = new DaemonLab();
        var place = new Place(daemon);
        place.Prepare();
        daemon.Lab.Host.Must("sh", "-c", place.Fill(plant));
        var (socket, folder) = (place.Fill($"{runtime}/routeguard.sock"), place.Fill(state));
        daemon.Lab.Host.Start(
            daemon.Guard.WordsWithoutFolders("daemon", "--runtime-dir", place.Fill(runtime), "--state-dir", folder)
        );

        string[] ask = ["curl", "--silent", "--fail", "--unix-socket", socket, "http://localhost/healthz"];
        Eventually.Holds("the daemon answers there", () => daemon.RunAs(Person.Stranger, ask).ExitCode == 0);
    }

    [Fact]
    public void A_socket_of_another_daemon_is_not_taken_from_it()
    {
        using var daemon = new DaemonLab().Started();

        var folder = Path.Combine(daemon.Lab.Folder, "second");
        var second = daemon.Lab.Host.Run(
            daemon.Guard.WordsWithoutFolders(
                "daemon",
                "--runtime-dir",
                daemon.Guard.RuntimeFolder,
                "--state-dir",
                folder
            )
        );

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("another one answers", second.Errors, StringComparison.Ordinal);
        Assert.Equal(200, daemon.Ask(Person.Stranger, "GET", "/healthz").Status);
    }

    private sealed class Place(DaemonLab daemon)
    {
        private string Open => Path.Combine(daemon.Lab.Folder, "open");

        private string His => Path.Combine(daemon.Lab.Folder, "his");

        private string Safe => Path.Combine(daemon.Lab.Folder, "safe");

        public void Prepare()
        {
            var uid = Person.Stranger.Uid;
            daemon.Lab.Host.Must(
                "sh",
                "-c",
                Fill($"mkdir -m 1777 $open; mkdir $his; chown {uid}:{uid} $his; mkdir -m 755 $safe")
            );
        }

        public string Fill(string text) =>
            text.Replace("$open", Open, StringComparison.Ordinal)
                .Replace("$his", His, StringComparison.Ordinal)
                .Replace("$safe", Safe, StringComparison.Ordinal);

        /// <summary>What is there, whose, and with what mode; but for the daemon's own folder.</summary>
        public string Listing() => daemon.Lab.Host.Must("find", Open, His, "-printf", "%p %y %u %m\n");
    }
}
