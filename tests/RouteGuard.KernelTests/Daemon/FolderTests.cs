using System.Text;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>What the daemon keeps on disk, and where, seen by somebody who is not root.</summary>
public sealed class FolderTests
{
    private const int TryColumns = 64;

    /// <summary>What is tried, and who of a member of the group and a stranger gets his way.</summary>
    /// <remarks>The same must go well for root, or it would show nothing.</remarks>
    private const string Tries = """
        try                                                             member    stranger
        ls $runtime                                                     yes       yes
        ls $state                                                       no        no
        cat $file                                                       no        no
        cat $state/journal                                              no        no
        stat $file                                                      no        no
        touch $file                                                     no        no
        touch $state/planted                                            no        no
        cd $state && true                                               no        no
        touch $runtime/planted                                          no        no
        ln -s /etc/passwd $runtime/link                                 no        no
        mkdir $runtime/folder                                           no        no
        ln $socket $runtime/second.sock                                 no        no
        mv $socket $runtime/moved.sock                                  no        no
        chmod 0600 $runtime/moved.sock                                  no        no
        mv $runtime/moved.sock $socket                                  no        no
        mv $runtime $runtime-moved                                      no        no
        mv $runtime-moved $runtime                                      no        no

        """;

    [Fact]
    public void The_disk_is_closed_to_everybody_but_root()
    {
        using var daemon = new DaemonLab().Started();
        daemon.Begin(Person.OwnerInGroup, "a secret");
        var socket = Inode(daemon, daemon.Socket);

        Assert.Equal(Tries, Print(daemon, [Person.Member, Person.Stranger]));

        // Nothing came of it: the same socket, the same files, and the same person may still connect to it.
        Assert.Equal(socket, Inode(daemon, daemon.Socket));
        Assert.Equal("routeguard.sock\n", daemon.Lab.Host.Must("ls", "-A", daemon.Guard.RuntimeFolder));
        Assert.Equal(200, daemon.Ask(Person.Stranger, "GET", "/healthz").Status);
        Assert.All(Lines(Tries), line => Assert.True(Try(daemon, Person.Root, line), $"Root cannot {line}."));
    }

    [Fact]
    public void Modes_are_those_that_the_readme_says()
    {
        using var daemon = new DaemonLab().Started();
        daemon.Begin(Person.OwnerInGroup, "a secret");
        var (state, runtime) = (daemon.Guard.StateFolder, daemon.Guard.RuntimeFolder);

        Assert.Equal(
            "700 root\n755 root\n666 root\n",
            daemon.Lab.Host.Must("stat", "--format=%a %U", state, runtime, daemon.Socket)
        );
        Assert.NotEqual(string.Empty, daemon.Lab.Host.Must("find", state, "-type", "f", "-name", "*"));
        Assert.Equal(string.Empty, daemon.Lab.Host.Must("find", state, "-perm", "/077"));
    }

    /// <summary>A wide umask is no invitation: nothing is open for a moment that is closed later.</summary>
    [Fact]
    public void The_umask_of_whoever_starts_the_daemon_opens_nothing()
    {
        using var daemon = new DaemonLab();
        var command = string.Join(' ', daemon.Guard.Words("daemon"));
        daemon.Lab.Host.Start("sh", "-c", $"umask 0; exec {command}");
        Eventually.Holds("the daemon answers", () => daemon.Guard.Ask("/healthz") is not null);

        Assert.Equal(string.Empty, daemon.Lab.Host.Must("find", daemon.Guard.StateFolder, "-perm", "/077"));
        Assert.Equal("755\n", daemon.Lab.Host.Must("stat", "--format=%a", daemon.Guard.RuntimeFolder));
    }

    private static string Print(DaemonLab daemon, Person[] people)
    {
        const int PersonColumns = 10;
        var text = new StringBuilder(Tries.Split('\n')[0]).Append('\n');
        foreach (var line in Lines(Tries))
        {
            var cells = people.Select(who => (Try(daemon, who, line) ? "yes" : "no").PadRight(PersonColumns));
            text.Append((line.PadRight(TryColumns) + string.Concat(cells)).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Lines(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[..TryColumns].TrimEnd());

    private static bool Try(DaemonLab daemon, Person who, string line)
    {
        const string Settings = "runtime=$1; state=$2; socket=$1/routeguard.sock; file=$3; ";
        var file = daemon.Lab.Host.Must("find", daemon.Guard.StateFolder, "-type", "f").Split('\n')[0];
        var (runtime, state) = (daemon.Guard.RuntimeFolder, daemon.Guard.StateFolder);
        string[] script = ["sh", "-c", Settings + line.Replace("cat $state/journal", "cat $state/journal/*"), "try"];
        return daemon.RunAs(who, [.. script, runtime, state, file]).ExitCode == 0;
    }

    private static string Inode(DaemonLab daemon, string path) =>
        daemon.Lab.Host.Must("stat", "--format=%d:%i %u %a", path);
}
