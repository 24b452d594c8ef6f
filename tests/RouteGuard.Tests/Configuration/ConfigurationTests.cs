using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using RouteGuard.Configuration;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Tidy;
using Serilog.Events;

namespace RouteGuard.Tests.Configuration;

/// <summary>The reader, the schema, the records and the README say the same of every key.</summary>
public sealed class ConfigurationTests
{
    private static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    private static readonly JsonSchema Schema = JsonSchema.FromText(
        House.Files.Single(file => file.Path == "packaging/routeguard.schema.json").Text
    );

    public static TheoryData<string> Texts => [.. Cases.All.Select(one => one.Text)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_file_is_followed_or_refused_with_key_value_and_range(string text)
    {
        var expected = Cases.All.Single(one => one.Text == text).Problem;
        var isRead = ConfigurationReader.TryRead(Encoding.UTF8.GetBytes(text), out var configuration, out var problem);
        Assert.Equal(expected ?? string.Empty, problem);
        Assert.Equal(expected is null, isRead);
        Assert.Equal(isRead, configuration is not null);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_schema_accepts_and_refuses_what_the_reader_does(string text)
    {
        bool isValid;
        try
        {
            using var document = JsonDocument.Parse(text, NoDuplicates);
            isValid = Schema.Evaluate(document.RootElement).IsValid;
        }
        catch (JsonException)
        {
            // No JSON, or a key twice: no schema is asked.
            isValid = false;
        }

        Assert.Equal(Cases.All.Single(one => one.Text == text).Problem is null, isValid);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        Assert.False(ConfigurationReader.TryRead([0x7b, 0xff, 0x7d], out _, out var problem));
        Assert.Equal("it is not UTF-8. Save it as that.", problem);
        Assert.False(ConfigurationReader.TryRead("""{"$schema":"\ud800"}"""u8, out _, out problem));
        Assert.StartsWith("$schema is ", problem, StringComparison.Ordinal);
        Assert.False(ConfigurationReader.TryRead("""{"\ud800":1}"""u8, out _, out problem));
        Assert.Equal("a key is no text. Remove it.", problem);
        Assert.False(ConfigurationReader.TryRead(Encoding.UTF8.GetBytes(new string('[', 9)), out _, out problem));
    }

    [Fact]
    public void What_is_shown_of_a_wrong_value_is_short_and_controls_no_terminal()
    {
        var text =
            $"{{\"log\":{{\"level\":\"\\u001b[2J{new string('x', 1000)}\"}},\"\u0085{new string('k', 1000)}\":1}}";
        Assert.False(ConfigurationReader.TryRead(Encoding.UTF8.GetBytes(text), out _, out var problem));
        Assert.DoesNotContain(problem, char.IsControl);
        Assert.InRange(problem.Length, 1, 200);
    }

    [Fact]
    public void Everything_that_is_written_is_in_force()
    {
        const string All = """
            {
              "access": { "group": "vpn" }, "health": { "loopbackPort": 7743 },
              "limits": { "requestsPerSecond": 1, "connectionsPerUser": 2, "streamsPerUser": 3 },
              "sessions": { "onDeath": "hold", "onDrift": "report", "leaseSeconds": 7.5 },
              "guard": { "auditSeconds": 4, "upAfterQuietSeconds": 5, "baselineGraceSeconds": 6 },
              "log": { "level": "warning" }
            }
            """;
        Assert.True(ConfigurationReader.TryRead(Encoding.UTF8.GetBytes(All), out var read, out _));
        Assert.Equal(
            new DaemonConfiguration
            {
                Group = "vpn",
                LoopbackPort = 7743,
                Limits = new()
                {
                    RequestsPerSecond = 1,
                    Connections = 2,
                    Streams = 3,
                },
                Sessions = new()
                {
                    OnDeath = DeathPolicy.Hold,
                    OnDrift = DriftPolicy.Report,
                    Lease = TimeSpan.FromSeconds(7.5),
                },
                Guard = new(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6)),
                LogLevel = LogEventLevel.Warning,
            },
            read
        );

        // No value of this file is the usual one: a key that is not read would be seen.
        var usual = Printed(DaemonConfiguration.Usual);
        Assert.All(Leaves(JsonNode.Parse(All)!), leaf => Assert.NotEqual(leaf.Value, usual[leaf.Key]));
        Assert.Equal(Leaves(JsonNode.Parse(All)!), Printed(read));
    }

    [Fact]
    public void What_is_printed_is_a_file_with_every_key_and_reads_as_what_is_in_force()
    {
        var printed = JsonSerializer.SerializeToUtf8Bytes(
            ConfigurationDocument.Of(DaemonConfiguration.Usual),
            ConfigurationJson.Default.ConfigurationDocument
        );
        Assert.True(ConfigurationReader.TryRead(printed, out var read, out var problem), problem);
        Assert.Equal(DaemonConfiguration.Usual, read);
        Assert.Equal(
            ConfigurationKeys
                .All.Where(key => key.Value is not (KeyRule.Section or KeyRule.Text))
                .Select(key => key.Key)
                .Order(StringComparer.Ordinal),
            Printed(DaemonConfiguration.Usual).Keys.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Schema_and_README_name_every_key_with_its_usual_value()
    {
        var readme = House.Files.Single(file => file.Path == "README.md").Text;
        var schema = JsonNode.Parse(House.Files.Single(file => file.Path == "packaging/routeguard.schema.json").Text)!;
        foreach (var (key, usual) in Printed(DaemonConfiguration.Usual with { Group = "routeguard" }))
        {
            var words = key.Split('.');
            var property = schema["properties"]![words[0]]!["properties"]![words[1]]!;
            Assert.Equal(usual, property["default"]?.ToJsonString() ?? "null");
            Assert.Contains($"| `{key}` | {usual.Trim('"')} |", readme, StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, string> Printed(DaemonConfiguration configuration) =>
        Leaves(
            JsonSerializer.SerializeToNode(
                ConfigurationDocument.Of(configuration),
                ConfigurationJson.Default.ConfigurationDocument
            )!
        );

    // section.key to its JSON.
    private static Dictionary<string, string> Leaves(JsonNode root) =>
        root.AsObject()
            .SelectMany(section =>
                section
                    .Value!.AsObject()
                    .Select(key => ($"{section.Key}.{key.Key}", key.Value?.ToJsonString() ?? "null"))
            )
            .ToDictionary(StringComparer.Ordinal);
}
