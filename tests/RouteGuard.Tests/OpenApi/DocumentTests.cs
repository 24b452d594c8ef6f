using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Tidy;

namespace RouteGuard.Tests.OpenApi;

/// <summary>The checked-in document is what the contract makes, is sound, and is what the daemon serves.</summary>
public sealed class DocumentTests
{
    /// <summary>Set to 1, a run of these tests writes the document anew.</summary>
    private const string Rewrite = "ROUTEGUARD_WRITE_OPENAPI";

    private static readonly string DocumentPath = Path.Combine(House.Root, "src/RouteGuard/Daemon/openapi.json");

    [Fact]
    public void The_checked_in_document_is_what_the_contract_makes()
    {
        var made = ApiDocument.Print(out _);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(DocumentPath, made);
        }

        Assert.True(
            made == File.ReadAllText(DocumentPath),
            $"The contract has changed, and {DocumentPath} has not. Run this test with {Rewrite}=1, read the difference, and build again."
        );
    }

    [Fact]
    public void Every_record_and_every_member_says_what_it_is()
    {
        ApiDocument.Print(out var undocumented);
        Assert.True(undocumented.Count == 0, $"no doc comment on {string.Join(", ", undocumented)}");
    }

    [Fact]
    public void A_reader_of_OpenAPI_finds_no_fault()
    {
        var (errors, warnings) = Faults(File.ReadAllText(DocumentPath));
        Assert.Empty(errors);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("\"in\": \"path\"", "\"in\": \"nowhere\"")]
    [InlineData("\"operationId\"", "\"operationIdea\"")]
    [InlineData("\"#/components/schemas/MeterView\"", "\"#/components/schemas/MeterVue\"")]
    [InlineData("\"summary\": \"This document.\"", "\"summarises\": \"This document.\"")]
    public void A_reader_of_OpenAPI_would_find_a_fault(string right, string wrong)
    {
        var document = File.ReadAllText(DocumentPath);
        Assert.Contains(right, document, StringComparison.Ordinal);
        var (errors, warnings) = Faults(document.Replace(right, wrong, StringComparison.Ordinal));
        Assert.NotEmpty(errors.Concat(warnings));
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_used()
    {
        var document = JsonNode.Parse(File.ReadAllText(DocumentPath))!;
        var references = Nodes(document)
            .OfType<JsonObject>()
            .Select(node => node["$ref"]?.GetValue<string>())
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var components = document["components"]!
            .AsObject()
            .SelectMany(kind => kind.Value!.AsObject().Select(one => $"#/components/{kind.Key}/{one.Key}"))
            .ToHashSet(StringComparer.Ordinal);
        Assert.Equal(components.Order(StringComparer.Ordinal), references.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own() =>
        Assert.Equal(
            ApiOperations.All.Count,
            ApiOperations.All.Select(operation => operation.Id).Distinct(StringComparer.Ordinal).Count()
        );

    [Fact]
    public async Task The_daemon_serves_the_document_byte_for_byte_to_those_who_may_read()
    {
        await using var world = new DaemonWorld();
        await world.StartAsync();
        using var http = world.NewHttp();
        using var answer = await http.GetAsync("/openapi/v1.json");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(await File.ReadAllBytesAsync(DocumentPath), await answer.Content.ReadAsByteArrayAsync());
        world.Caller = new(1, 1002, IsInGroup: false);
        using var stranger = world.NewHttp();
        using var refused = await stranger.GetAsync("/openapi/v1.json");
        Assert.Equal(403, (int)refused.StatusCode);
    }

    private static (IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings) Faults(string document)
    {
        var read = OpenApiDocument.Parse(document, "json").Diagnostic!;
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.SpecificationVersion);
        return ([.. read.Errors.Select(one => one.ToString())], [.. read.Warnings.Select(one => one.ToString())]);
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode? node) =>
        node switch
        {
            JsonObject all => all.SelectMany(one => Nodes(one.Value)).Prepend(all),
            JsonArray all => all.SelectMany(Nodes).Prepend(all),
            _ => [],
        };
}
