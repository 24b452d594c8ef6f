using System.Text.Json;
using Json.Schema;
using RouteGuard.Commands;
using RouteGuard.Manual;

namespace RouteGuard.Tests.Contract;

/// <summary>What a script relies on, one line each: the command, the situation, its exit code, how the error stream
/// begins, and what is on the other one.</summary>
public sealed class AnswerTests
{
    // Answers: a schema's name, "text", or nothing.
    private const string Table = """
        status                                  | no daemon | 4 | Cannot reach the daemon at |
        status --json                           | no daemon | 4 | Cannot reach the daemon at |
        session begin                           | no daemon | 4 | Cannot reach the daemon at |
        session up some                         | no daemon | 4 | Cannot reach the daemon at |
        session heartbeat some                  | no daemon | 4 | Cannot reach the daemon at |
        session confirm some                    | no daemon | 4 | Cannot reach the daemon at |
        session end some                        | no daemon | 4 | Cannot reach the daemon at |
        session list --json                     | no daemon | 4 | Cannot reach the daemon at |
        session show some                       | no daemon | 4 | Cannot reach the daemon at |
        complete-ids                            | no daemon | 0 | |
        plan                                    | no daemon | 0 | | text
        plan --json                             | no daemon | 0 | | report
        restore --json                          | no daemon | 0 | | report
        restore --offline --json                | no daemon | 0 | | report
        restore --from /nowhere/baseline.json   | no daemon | 1 | Cannot |
        snapshot                                | no daemon | 0 | | text
        snapshot --json                         | no daemon | 0 | | table
        snapshot --output {file} --json         | no daemon | 0 | | table
        snapshot --output {file}                | no daemon | 0 | | text
        snapshot --output /nowhere/file.json    | no daemon | 1 | Cannot write file.json |
        routes --json                           | no daemon | 0 | | routes
        routes --dev nosuch                     | no daemon | 1 | Cannot show routes by 'nosuch' |
        routes --table nosuch                   | no daemon | 2 | Cannot show table 'nosuch' |
        why 203.0.113.7 --json                  | no daemon | 0 | | why
        why example.org                         | no daemon | 2 | Cannot look up 'example.org' |
        diff                                    | no daemon | 1 | Cannot compare with the baseline |
        diff now now --json                     | no daemon | 0 | | diff
        blame default --json                    | no daemon | 0 | | blame
        blame 192.0.2.1/24                      | no daemon | 2 | Cannot look for '192.0.2.1/24' |
        watch --json --count 1                  | no daemon | 0 | | watch
        watch --count 1                         | no daemon | 0 | | text
        history --json                          | no daemon | 0 | | history
        history --since yesterday               | no daemon | 2 | Cannot show the history |
        doctor --json                           | no daemon | 0 | | doctor
        doctor --fix 7                          | no daemon | 2 | Cannot fix '7' |
        report --output /nowhere/page.html      | no daemon | 1 | Cannot write /nowhere/page.html |
        version                                 | no daemon | 0 | | text
        version --json                          | no daemon | 0 | | version
        completion fish                         | no daemon | 0 | | text
        man                                     | no daemon | 0 | | text
        schema status                           | no daemon | 0 | | text
        schema nosuch                           | no daemon | 2 | Cannot print a schema of 'nosuch' |
        restore --colour                        | no daemon | 2 | Unrecognized command or argument '--colour'. |
        restore --all --session some            | no daemon | 2 | |
        session begin --on-death explode        | no daemon | 2 | Argument 'explode' not recognized. |
        session show NO                         | no daemon | 2 | Cannot find session 'NO' |
        statsu                                  | no daemon | 2 | 'statsu' was not matched. Did you mean |
        man --json                              | no daemon | 2 | Cannot answer in JSON |
        completion powershell                   | no daemon | 2 | Argument 'powershell' not recognized. |
        report                                  | no daemon | 2 | Option '--output' is required. |
        session                                 | no daemon | 2 | Required command was not provided. |

        status                                  | daemon    | 0 | | text
        status --json                           | daemon    | 0 | | status
        session begin --json                    | daemon    | 0 | | session
        session begin --pid 1                   | daemon    | 1 | Cannot |
        session list --json                     | daemon    | 0 | | sessions
        session list                            | daemon    | 0 | | text
        session show nobody                     | daemon    | 1 | Cannot |
        session end nobody --json               | daemon    | 1 | Cannot |
        plan --json                             | daemon    | 0 | | report
        restore --json                          | daemon    | 0 | | report
        doctor --json                           | daemon    | 0 | | doctor
        history --json                          | daemon    | 0 | | history

        status --json                           | session   | 0 | | status
        session list --json                     | session   | 0 | | sessions
        session show {id} --json                | session   | 0 | | session
        session heartbeat {id} --json           | session   | 0 | | session
        session up {id} --confirm 60 --json     | session   | 0 | | session
        session up {id} --confirm 0             | session   | 1 | Cannot |
        session end {id} --json                 | session   | 0 | | report
        session end {id}                        | session   | 0 | | text
        complete-ids                            | session   | 0 | | text
        routes --json                           | session   | 0 | | routes
        why 203.0.113.77 --json                 | session   | 0 | | why
        diff --json                             | session   | 0 | | diff
        diff overlay now                        | session   | 0 | | text
        blame default --json                    | session   | 0 | | blame
        history --json                          | session   | 0 | | history
        snapshot --json                         | session   | 0 | | table
        doctor --json                           | session   | 0 | | doctor
        restore --dry-run --json                | session   | 0 | | report

        status                                  | drift     | 0 | | text
        status --json                           | drift     | 0 | | status
        diff overlay now --json                 | drift     | 0 | | diff
        doctor --json                           | drift     | 0 | | doctor
        history --json                          | drift     | 0 | | history

        status                                  | contested | 6 | | text
        status --json                           | contested | 6 | | status
        session list --json                     | contested | 0 | | sessions
        doctor --json                           | contested | 0 | | doctor

        status                                  | degraded  | 0 | | text
        status --json                           | degraded  | 0 | | status
        plan --json                             | degraded  | 0 | | report
        restore --json                          | degraded  | 5 | | report

        status                                  | stranger  | 3 | Cannot |
        status --json                           | stranger  | 3 | Cannot |
        plan --json                             | stranger  | 3 | Cannot |
        restore --json                          | stranger  | 3 | Cannot |
        session begin --json                    | stranger  | 3 | Cannot |
        session list                            | stranger  | 3 | Cannot |
        session show {id}                       | stranger  | 3 | Cannot |
        session up {id}                         | stranger  | 3 | Cannot |
        session heartbeat {id}                  | stranger  | 3 | Cannot |
        session confirm {id}                    | stranger  | 3 | Cannot |
        session end {id}                        | stranger  | 3 | Cannot |
        complete-ids                            | stranger  | 0 | |
        routes --json                           | stranger  | 0 | | routes

        plan --json                             | dead vpn  | 0 | | report
        restore --json                          | dead vpn  | 0 | | report
        restore                                 | dead vpn  | 0 | | text
        restore                                 | dead vpn, uplink down | 5 | | text
        restore --json                          | dead vpn, uplink down | 5 | | report
        restore --json                          | dead vpn, lame kernel | 1 | Cannot restore everything: | report
        """;

    private static readonly string[][] Rows =
    [
        .. Table
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)),
    ];

    public static TheoryData<string, string, int, string, string> Lines
    {
        get
        {
            var data = new TheoryData<string, string, int, string, string>();
            foreach (var row in Rows)
            {
                data.Add(row[0], row[1], int.Parse(row[2], null), row[3], row[4]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Each_command_ends_as_it_says(
        string command,
        string situation,
        int code,
        string refusal,
        string answer
    )
    {
        await using var world = new CommandWorld();
        await world.ArrangeAsync(situation);
        var file = Path.Combine(Path.GetTempPath(), $"routeguard-{Guid.NewGuid():n}.json");
        try
        {
            var words = command.Split(' ').Select(word => word == "{file}" ? file : word);
            var ended = await world.RunAsync([.. words]);
            Assert.True(code == ended, $"ended with {ended}: {world.Error}{world.Out}");
        }
        finally
        {
            File.Delete(file);
        }

        var error = world.Error.ToString().TrimStart();
        Assert.StartsWith(refusal, error, StringComparison.Ordinal);
        var isRefused = code is not (ExitCode.Done or ExitCode.PartlyRestored or ExitCode.Contested);
        Assert.Equal(isRefused, error.Length > 0);
        AssertAnswer(answer, world.Out.ToString());
    }

    [Fact]
    public void The_table_has_each_command_and_each_exit_code()
    {
        var line = new CommandLine(ThisMachine.Surroundings(TextWriter.Null, TextWriter.Null));
        var tree = CommandTree.Of(line.MakeRoot());
        string[] elsewhere = ["daemon", "run", "demo"];
        var leaves = tree.Where(node => node.Path.Length > 0 && node.Children.Count == 0).Select(node => node.Path);
        bool IsTold(string path) => Rows.Any(row => $"{row[0]} ".StartsWith($"{path} ", StringComparison.Ordinal));
        Assert.All(leaves.Except(elsewhere), path => Assert.True(IsTold(path), $"nothing is told of {path}"));
        Assert.Equal(Enumerable.Range(0, 7), Rows.Select(row => int.Parse(row[2], null)).Distinct().Order());
        Assert.Empty(JsonAnswers.All.Select(answer => answer.Name).Except(Rows.Select(row => row[4])));
    }

    [Fact]
    public async Task A_script_that_begins_a_session_gets_its_id_and_nothing_else()
    {
        await using var world = new CommandWorld();
        await world.ArrangeAsync("daemon");
        Assert.Equal(ExitCode.Done, await world.RunAsync("session", "begin", "--label", "a script's"));
        Assert.Matches(@"\A[a-z][a-z0-9-]*\n\z", world.Out.ToString());
        var id = world.Out.ToString().TrimEnd();
        Assert.Equal(ExitCode.Done, await world.RunAsync("session", "up", id));
        Assert.Equal(ExitCode.Done, await world.RunAsync("session", "end", id));

        // A hook may run twice.
        Assert.Equal(ExitCode.Done, await world.RunAsync("session", "end", id));
        Assert.Equal("nothingToDo", await ResultOfAsync(world, "session", "end", id, "--json"));
    }

    [Theory]
    [InlineData("status", """{"version":"1"}""")]
    [InlineData("version", """{"version":1,"system":"linux","architecture":"x64","jsonVersion":1}""")]
    [InlineData("watch", """{"at":"yesterday","change":"added","what":"default"}""")]
    public void An_answer_that_breaks_its_schema_is_seen(string name, string answer) =>
        Assert.False(IsValid(name, answer, out _));

    private static async Task<string?> ResultOfAsync(CommandWorld world, params string[] words)
    {
        await world.RunAsync(words);
        using var answer = JsonDocument.Parse(world.Out.ToString());
        return answer.RootElement.GetProperty("result").GetString();
    }

    private static void AssertAnswer(string answer, string output)
    {
        switch (answer)
        {
            case "":
                Assert.Empty(output);
                break;
            case "text":
                Assert.NotEmpty(output.Trim());
                break;
            default:
                Assert.True(IsValid(answer, output, out var why), $"{why}\n{output}");
                break;
        }
    }

    private static bool IsValid(string name, string text, out string why)
    {
        var schema = JsonSchema.FromText(
            JsonAnswers.SchemaOf(JsonAnswers.Of(name)!),
            new BuildOptions { SchemaRegistry = new() }
        );
        using var answer = JsonDocument.Parse(text);
        var found = schema.Evaluate(
            answer.RootElement,
            new EvaluationOptions { RequireFormatValidation = true, OutputFormat = OutputFormat.List }
        );
        why = string.Join(
            '\n',
            (found.Details ?? [])
                .Where(one => one.Errors is not null)
                .SelectMany(one => one.Errors!.Select(error => $"{one.InstanceLocation}: {error.Value}"))
        );
        return found.IsValid;
    }
}
