using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>
/// What a VPN that died left behind, and what RouteGuard had on disk: kept, so that it can be laid out again for
/// every point at which a repair is killed.
/// </summary>
internal sealed class Wreck
{
    private readonly VpnLab _lab;
    private readonly string _state;
    private readonly string _kept;
    private readonly TableText _broken;
    private readonly string[] _etc;

    /// <summary>Keeps what is there now; nobody may change it meanwhile.</summary>
    public Wreck(VpnLab lab, string stateFolder)
    {
        (_lab, _state, _kept) = (lab, stateFolder, Path.Combine(lab.Folder, "kept"));
        _broken = lab.Tables();
        _etc = Etc();
        lab.Host.Must("sh", "-c", $"cp -a {_state} {_kept} && cp -a /etc/resolv.conf {_kept}.resolv");
    }

    /// <summary>Lays it out again over a table that is as before the VPN.</summary>
    public void LayOut()
    {
        _lab.Host.Must(
            "sh",
            "-c",
            $"rm -rf {_state} && cp -a {_kept} {_state} && cat {_kept}.resolv > /etc/resolv.conf"
        );
        var question = string.Empty;
        List<string> v4 = [];
        List<string> v6 = [];
        foreach (var line in _lab.Tables().Against(_broken).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                question = line;
            }
            else if (question.Contains(" -6 ", StringComparison.Ordinal))
            {
                v6.Add(CommandFor(question, line));
            }
            else
            {
                v4.Add(CommandFor(question, line));
            }
        }

        Do("-4", v4);
        Do("-6", v6);
        Assert.Equal(string.Empty, _broken.Sorted.Against(_lab.Tables().Sorted));
    }

    /// <summary>Fails when something lies in /etc that did not lie there.</summary>
    public void MustHaveLeftNothingInEtc() => Assert.Equal(_etc, Etc());

    // "- unicast default via …" and "+ 32764:	from all lookup …", as TableText.Against writes them.
    private static string CommandFor(string question, string line)
    {
        var verb = line[0] == '-' ? "delete" : "add";
        var words = line[2..];
        return question.Contains(" rule", StringComparison.Ordinal)
            ? $"rule {verb} pref {words.Replace(":\t", " ", StringComparison.Ordinal)}"
            : $"route {verb} {words}";
    }

    private void Do(string family, List<string> commands)
    {
        // Deletions first: what is added may take the place of what goes.
        var batch = commands.OrderBy(one => one.Contains(" add ", StringComparison.Ordinal));
        _lab.Host.Feed(string.Join('\n', batch) + "\n", "ip", family, "-batch", "-").MustExit(0);
    }

    private string[] Etc() => [.. _lab.Host.Must("ls", "-A", "/etc").Split('\n').Order(StringComparer.Ordinal)];
}
