using System.Text.Json.Nodes;
using RouteGuard.Commands;
using RouteGuard.Manual;
using RouteGuard.Tests.Tidy;

namespace RouteGuard.Tests.Contract;

/// <summary>What a command answers with --json is written down, and what was written down is kept.</summary>
/// <remarks>
/// With ROUTEGUARD_WRITE_SCHEMAS=1 the schemas are written anew, unless that would take something back. Each is frozen
/// once, when it is first written; a change that must take something back raises <see cref="JsonAnswers.Version"/>, and
/// the next folder of Promised/ begins.
/// </remarks>
public sealed class SchemaTests
{
    private const string Writes = "ROUTEGUARD_WRITE_SCHEMAS";

    private static readonly string Folder = Path.Combine(House.Root, "src/RouteGuard/Manual/Schemas");

    private static readonly string Frozen = Path.Combine(
        House.Root,
        $"tests/RouteGuard.Tests/Contract/Promised/v{JsonAnswers.Version}"
    );

    private static bool IsWriting => Environment.GetEnvironmentVariable(Writes) == "1";

    public static TheoryData<string> Names => [.. JsonAnswers.All.Select(answer => answer.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_schema_says_what_the_records_say(string name)
    {
        var written = SchemaWriter.Write(Answer(name));
        var path = Path.Combine(Folder, $"{name}.schema.json");
        var before = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        if (IsWriting && before != written)
        {
            AssertKept(name, before, written);
            File.WriteAllText(path, written);
            return;
        }

        Assert.True(
            before == written,
            $"{path} is not what the records say. Run the tests with {Writes}=1, and read what changed:\n{written}"
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_promised_is_kept(string name)
    {
        var path = Path.Combine(Frozen, $"{name}.schema.json");
        if (IsWriting && !File.Exists(path))
        {
            Directory.CreateDirectory(Frozen);
            File.WriteAllText(path, SchemaWriter.Write(Answer(name)));
        }

        Assert.True(File.Exists(path), $"{name} was never promised. Run the tests with {Writes}=1.");
        AssertKept(name, File.ReadAllText(path), SchemaWriter.Write(Answer(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_member_is_described(string name) =>
        Assert.Empty(Undescribed(name, JsonNode.Parse(SchemaWriter.Write(Answer(name)))!));

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"properties":{}}""", "a of the answer is gone")]
    [InlineData(
        """{"properties":{"a":{"type":"string"}}}""",
        """{"properties":{"a":{"type":"integer"}}}""",
        "a of the answer was string and is integer"
    )]
    [InlineData(
        """{"properties":{"a":{"type":"string"}}}""",
        """{"properties":{"a":{"type":["string","null"]}}}""",
        "a of the answer was string and is string or null"
    )]
    [InlineData(
        """{"properties":{"a":{"type":"string"}},"required":["a"]}""",
        """{"properties":{"a":{"type":"string"}}}""",
        "a of the answer may be left out now"
    )]
    [InlineData(
        """{"type":"array","items":{"properties":{"a":{"type":"object"}}}}""",
        """{"type":"array","items":{"properties":{"b":{"type":"object"}}}}""",
        "a of each of the answer is gone"
    )]
    [InlineData(
        """{"type":"string","format":"date-time"}""",
        """{"type":"string"}""",
        "the answer is no date-time any more"
    )]
    public void A_broken_promise_is_seen(string before, string after, string what) =>
        Assert.Equal([what], Promise.BrokenBy(JsonNode.Parse(before)!, JsonNode.Parse(after)!));

    [Fact]
    public void A_member_more_breaks_no_promise() =>
        Assert.Empty(
            Promise.BrokenBy(
                JsonNode.Parse("""{"properties":{"a":{"type":["string","integer"]}}}""")!,
                JsonNode.Parse("""{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}""")!
            )
        );

    [Fact]
    public void No_schema_is_without_a_command_and_no_command_twice()
    {
        Assert.Equal(
            JsonAnswers.All.Select(answer => $"{answer.Name}.schema.json").Order(StringComparer.Ordinal),
            Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        var commands = JsonAnswers.All.SelectMany(answer => answer.Commands).ToArray();
        Assert.Equal(commands.Distinct(StringComparer.Ordinal), commands);
        var line = new CommandLine(ThisMachine.Surroundings(TextWriter.Null, TextWriter.Null));
        var tree = CommandTree.Of(line.MakeRoot());
        Assert.Empty(commands.Except(tree.Select(node => node.Path), StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_program_prints_each_schema_by_command_and_by_name()
    {
        foreach (var answer in JsonAnswers.All)
        {
            foreach (var asked in answer.Commands.Append(answer.Name).Where(asked => JsonAnswers.Of(asked) == answer))
            {
                Assert.Equal((ExitCode.Done, SchemaWriter.Write(answer)), await RunAsync($"schema {asked}"));
            }
        }

        var (code, list) = await RunAsync("schema");
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(JsonAnswers.All.Count, list.TrimEnd().Split('\n').Length);
        Assert.Equal((ExitCode.Usage, string.Empty), await RunAsync("schema demo"));
    }

    [Fact]
    public async Task A_command_without_such_an_answer_refuses_to_be_asked_for_one()
    {
        var root = new CommandLine(ThisMachine.Surroundings(TextWriter.Null, TextWriter.Null)).MakeRoot();
        var others = CommandTree
            .Of(root)
            .Where(node => node.Path.Length > 0 && node.Children.Count == 0 && JsonAnswers.Of(node.Path) is null)
            .Select(node => node.Path)
            .ToArray();
        Assert.Contains("man", others);
        foreach (var path in others)
        {
            Assert.Equal((ExitCode.Usage, string.Empty), await RunAsync($"{path} --json"));
        }
    }

    private static JsonAnswer Answer(string name) => JsonAnswers.All.Single(answer => answer.Name == name);

    private static void AssertKept(string name, string before, string after)
    {
        var broken = before.Length == 0 ? [] : Promise.BrokenBy(JsonNode.Parse(before)!, JsonNode.Parse(after)!);
        Assert.True(
            broken.Count == 0,
            $"{name} takes back what it promised: {string.Join("; ", broken)}. Add instead, or raise JsonAnswers.Version."
        );
    }

    private static IEnumerable<string> Undescribed(string where, JsonNode schema)
    {
        var members = schema["properties"] as JsonObject ?? [];
        var below = members.SelectMany(member => Undescribed($"{where}.{member.Key}", member.Value!));
        var items = schema["items"] is { } each ? Undescribed($"{where}[]", each) : [];
        return members
            .Where(member => string.IsNullOrEmpty(member.Value!["description"]?.GetValue<string>()))
            .Select(member => $"{where}.{member.Key}")
            .Concat(below)
            .Concat(items);
    }

    private static async Task<(int Code, string Answer)> RunAsync(string words)
    {
        var output = new StringWriter();
        var line = new CommandLine(ThisMachine.Surroundings(output, TextWriter.Null));
        return (await line.RunAsync(words.Split(' ')), output.ToString());
    }
}
