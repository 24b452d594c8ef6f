using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using RouteGuard.Core.Api;
using RouteGuard.Manual;
using RouteGuard.Rendering;
using RouteGuard.Tests.OpenApi;

namespace RouteGuard.Tests.Contract;

/// <summary>Makes the schema of an answer from the type that writes it and the comments of its records.</summary>
internal static class SchemaWriter
{
    private const string Null = "null";

    private static readonly JsonSerializerOptions Printed = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = ApiJson.Default,
    };

    private static readonly MemberDocs Docs = MemberDocs.Beside(typeof(ApiJson), typeof(CliJson));

    public static string Write(JsonAnswer answer)
    {
        var exporter = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, schema) => Describe(context, schema),
        };
        var body = answer.Type.GetJsonSchemaAsNode(exporter).AsObject();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:routeguard:json:{JsonAnswers.Version}:{answer.Name}",
            ["title"] = $"What routeguard {string.Join(", ", answer.Commands)} answers with --json.",
        };
        foreach (var (name, value) in body.ToArray())
        {
            body.Remove(name);
            schema[name] = value;
        }

        return schema.ToJsonString(Printed) + "\n";
    }

    public static string Print(JsonNode node) => node.ToJsonString(Printed);

    // A member that is null is left out, so none is ever null, and those that cannot be null are always there.
    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject described)
        {
            return schema;
        }

        if (described["properties"] is JsonObject members)
        {
            string[] always = [.. members.Where(member => !MayBeNull(member.Value!)).Select(member => member.Key)];
            described["required"] = new JsonArray([.. always.Select(name => (JsonNode)name)]);
            foreach (var (_, member) in members)
            {
                WithoutNull(member!);
            }
        }

        if (described["items"] is { } items)
        {
            WithoutNull(items);
        }

        var text = context.PropertyInfo is { AttributeProvider: MemberInfo property }
            ? Docs.Of(property)
            : Docs.Of(context.TypeInfo.Type);
        if (text is not null)
        {
            described.Insert(0, "description", text);
        }

        return described;
    }

    private static bool MayBeNull(JsonNode member) =>
        member["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == Null);

    private static void WithoutNull(JsonNode member)
    {
        if (MayBeNull(member))
        {
            JsonNode[] types =
            [
                .. member["type"]!
                    .AsArray()
                    .Where(type => type!.GetValue<string>() != Null)
                    .Select(type => type!.DeepClone()),
            ];
            member["type"] = types is [var only] ? only : new JsonArray(types);
        }
    }
}
