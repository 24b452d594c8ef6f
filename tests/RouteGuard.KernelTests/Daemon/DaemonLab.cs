using System.Globalization;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>An answer of the daemon to <c>curl</c>.</summary>
/// <param name="Status">0 when none came.</param>
/// <param name="Location">Of that header; empty without it.</param>
/// <param name="Body">Whole.</param>
internal sealed record Answer(int Status, string Location, string Body);

/// <summary>A lab whose host has the group <c>routeguard</c>, and a daemon that several people ask.</summary>
internal sealed class DaemonLab : IDisposable
{
    /// <summary>The number of the group that may do everything.</summary>
    public const uint GroupId = 4242;

    private const int AskSecondsMax = 10;

    public DaemonLab(params string[] programs)
    {
        Needs.RootAnd(["curl", "setpriv", .. programs]);
        Lab = new VpnLab(BaselineKind.Dhcp100);
        try
        {
            Lab.Host.Must("sh", "-c", $"echo routeguard:x:{GroupId}: >> /etc/group");
            Guard = new RouteGuardUnderTest(Lab);
        }
        catch
        {
            Lab.Dispose();
            throw;
        }
    }

    public VpnLab Lab { get; }

    public RouteGuardUnderTest Guard { get; }

    public string Socket => Path.Combine(Guard.RuntimeFolder, "routeguard.sock");

    /// <summary>Starts the daemon.</summary>
    public DaemonLab Started()
    {
        Guard.StartDaemon();
        return this;
    }

    /// <summary>Runs a program of the host as somebody.</summary>
    public Finished RunAs(Person who, params string[] command) => Lab.Host.Run([.. who.Words, .. command]);

    /// <summary>Asks the daemon as somebody, with a process of his own.</summary>
    /// <param name="who">Whose process.</param>
    /// <param name="method">As it is sent.</param>
    /// <param name="path">As it is sent: nothing is tidied.</param>
    /// <param name="body">JSON, or null for none.</param>
    /// <param name="more">Further options of curl(1).</param>
    public Answer Ask(Person who, string method, string path, string? body = null, params string[] more)
    {
        string[] sent = body is null ? [] : ["-H", "Content-Type: application/json", "--data-binary", body];
        var asked = RunAs(
            who,
            ["curl", .. CurlWords(method), "--unix-socket", Socket, .. sent, .. more, $"http://localhost{path}"]
        );
        var lines = asked.Output.TrimEnd('\n').Split('\n');
        var last = lines[^1].Split(' ');
        return int.TryParse(last[0], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? new Answer(status, last[1], string.Join('\n', lines[..^1]))
            : throw new InvalidOperationException($"curl says no status.\n{asked}\n{Guard.DaemonLog}");
    }

    /// <summary>Begins a session that must be granted.</summary>
    /// <returns>Its id.</returns>
    public string Begin(Person who, string label)
    {
        var begun = Ask(who, "POST", "/v1/sessions", $$"""{"label":"{{label}}","leaseSeconds":3600}""");
        Assert.True(begun.Status == 201, $"No session for {who.Name}: {begun}\n{Guard.DaemonLog}");
        return begun.Location.Split('/')[^1];
    }

    /// <summary>Ends, as root, whatever is open.</summary>
    public void EndAll()
    {
        foreach (var id in OpenSessions())
        {
            Assert.Equal(200, Ask(Person.Root, "DELETE", $"/v1/sessions/{id}").Status);
        }
    }

    /// <summary>Ids of what is open.</summary>
    public string[] OpenSessions() =>
        [
            .. System
                .Text.Json.JsonDocument.Parse(Ask(Person.Root, "GET", "/v1/sessions").Body)
                .RootElement.EnumerateArray()
                .Select(session => session.GetProperty("id").GetString()!),
        ];

    public void Dispose() => Lab.Dispose();

    // HEAD has no body to wait for. A stream never ends: what came before the time was over is the answer.
    private static string[] CurlWords(string method) =>
        [
            "--silent",
            "--path-as-is",
            "--noproxy",
            "*",
            "--max-time",
            AskSecondsMax.ToString(CultureInfo.InvariantCulture),
            "--write-out",
            "\\n%{http_code} %header{location}",
            .. method == "HEAD" ? ["--head"] : (string[])["--request", method],
        ];
}
