using System.Globalization;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Who may do what, asked by processes of real users.</summary>
public sealed class AccessTableTests
{
    private const int AskColumns = 44;
    private const int PersonColumns = 10;

    /// <summary>A stream goes on for ever: it is listened to this long.</summary>
    private const string StreamSeconds = "0.5";

    private static readonly Person[] People =
    [
        Person.Root,
        Person.Member,
        Person.Service,
        Person.Owner,
        Person.Stranger,
    ];

    /// <summary>
    /// {id} is a session that the owner began when he was in the group, {operation} something that he asked for and
    /// that took more than a second. The owner is not in the group any more. Ids of operations are not guarded from
    /// guesses: they are 122 bits of chance.
    /// </summary>
    private const string Table = """
        ask                                         root      member    service   owner     stranger
        GET /healthz                                200       200       200       200       200
        GET /health                                 200       200       200       200       200
        GET /metrics                                200       200       200       403       403
        GET /openapi/v1.json                        200       200       200       403       403
        GET /v1/status                              200       200       200       403       403
        GET /v1/routes                              200       200       200       403       403
        GET /v1/plan                                200       200       200       403       403
        GET /v1/events                              200       200       200       403       403
        GET /v1/sessions                            200       200       200       403       403
        GET /v1/sessions/{id}                       200       200       200       403       403
        GET /v1/sessions/nobody                     404       404       404       403       403
        GET /v1/operations/{operation}              201       201       201       201       403
        GET /v1/operations/nobody                   404       404       404       404       404
        POST /v1/restore                            200       200       200       403       403
        POST /v1/snapshot                           200       200       200       403       403
        POST /v1/sessions/{id}/heartbeat            200       200       200       200       403
        POST /v1/sessions/{id}/up                   200       200       200       200       403
        POST /v1/sessions/{id}/confirm              200       200       200       200       403
        POST /v1/sessions/nobody/heartbeat          404       404       404       403       403
        POST /v1/sessions/nobody/up                 404       404       404       403       403
        POST /v1/sessions/nobody/confirm            404       404       404       403       403
        DELETE /v1/sessions/nobody                  404       404       404       403       403
        DELETE /v1/sessions/{id}                    200       200       200       200       403
        POST /v1/sessions                           201       201       201       403       403
        GET /                                       404       404       404       404       404
        GET /v1                                     404       404       404       404       404
        GET /v1/status/                             200       200       200       403       403
        GET /V1/STATUS                              200       200       200       403       403
        GET /healthz/../v1/status                   200       200       200       403       403
        GET /v1%2fstatus                            404       404       404       404       404
        POST /health                                405       405       405       405       405
        HEAD /health                                405       405       405       405       405
        PUT /v1/sessions/{id}                       405       405       405       405       405
        DELETE /v1/sessions                         405       405       405       405       405
        OPTIONS /v1/status                          405       405       405       405       405

        """;

    /// <summary>What is sent along; nothing else has a body.</summary>
    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /v1/restore"] = """{"dryRun":true}""",
        ["POST /v1/sessions"] = """{"label":"asked for"}""",
        ["POST /v1/sessions/{id}/up"] = """{"confirmSeconds":600}""",
    };

    [Fact]
    public void Each_endpoint_answers_each_kind_of_person_as_the_table_says()
    {
        using var daemon = new DaemonLab("strace").Started();
        var operation = LongOperation.Begin(daemon, Person.OwnerInGroup);
        daemon.EndAll();
        var columns = People.Select(person => Column(daemon, person, operation)).ToArray();

        TestContext.Current.TestOutputHelper?.WriteLine(Print(columns));
        Assert.Equal(Table, Print(columns));
        Assert.Equal(string.Empty, daemon.Lab.ChangeSinceBefore());
    }

    [Fact]
    public void The_group_is_the_one_that_the_configuration_names()
    {
        const string Users = "100";
        using var daemon = new DaemonLab();
        daemon
            .Lab.Host.Feed(
                """{"access":{"group":"users"}}""",
                "sh",
                "-c",
                "mkdir -p /etc/routeguard && cat > /etc/routeguard/routeguard.json"
            )
            .MustExit(0);
        daemon.Started();

        var ofUsers = Person.Stranger with { Groups = [2004, uint.Parse(Users, CultureInfo.InvariantCulture)] };
        Assert.Equal(200, daemon.Ask(ofUsers, "GET", "/v1/status").Status);
        Assert.Equal(403, daemon.Ask(Person.Member, "GET", "/v1/status").Status);
        Assert.Equal(403, daemon.Ask(Person.Service, "GET", "/v1/status").Status);
    }

    // Each person has a session of his own to try his rights on, which another one began.
    private static string[] Column(DaemonLab daemon, Person person, string operation)
    {
        var id = daemon.Begin(Person.OwnerInGroup, $"for {person.Name}");
        List<string> statuses = [];
        foreach (var ask in Asks())
        {
            var (method, path) = (ask.Split(' ')[0], ask.Split(' ')[1]);
            var sent = path.Replace("{id}", id, StringComparison.Ordinal)
                .Replace("{operation}", operation, StringComparison.Ordinal);
            string[] more = path == "/v1/events" ? ["--max-time", StreamSeconds] : [];
            var answer = daemon.Ask(person, method, sent, Bodies.GetValueOrDefault(ask), more);
            statuses.Add(answer.Status.ToString(CultureInfo.InvariantCulture));
        }

        // What a person could not end is still there; what he began is ended for the next one.
        var isAllowed = statuses[Array.IndexOf(Asks(), "DELETE /v1/sessions/{id}")] == "200";
        Assert.Equal(!isAllowed, daemon.OpenSessions().Contains(id));
        daemon.EndAll();
        return [.. statuses];
    }

    private static string[] Asks() =>
        [
            .. Table
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(line => line[..AskColumns].TrimEnd()),
        ];

    private static string Print(string[][] columns)
    {
        var text = new StringBuilder();
        AppendLine(text, "ask", People.Select(person => person.Name));
        foreach (var (at, ask) in Asks().Index())
        {
            AppendLine(text, ask, columns.Select(column => column[at]));
        }

        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, string first, IEnumerable<string> cells)
    {
        var line = first.PadRight(AskColumns) + string.Concat(cells.Select(cell => cell.PadRight(PersonColumns)));
        text.Append(line.TrimEnd()).Append('\n');
    }
}
