using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Xml.Linq;
using RouteGuard.Core.Api;
using RouteGuard.Manual;
using RouteGuard.Rendering;

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

    private static readonly Lazy<Dictionary<string, XElement>> Comments = new(ReadComments);

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

        var text = context.PropertyInfo is { } property
            ? TextOf(property.DeclaringType, property.Name)
            : TextOf(context.TypeInfo.Type, null);
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

    private static string? TextOf(Type type, string? member)
    {
        var record = Comments.Value.GetValueOrDefault($"T:{type.FullName}");
        if (member is null)
        {
            return Words(record?.Element("summary"));
        }

        var name = char.ToUpperInvariant(member[0]) + member[1..];
        var parameter = record?.Elements("param").FirstOrDefault(one => one.Attribute("name")?.Value == name);
        return Words(parameter)
            ?? Words(Comments.Value.GetValueOrDefault($"P:{type.FullName}.{name}")?.Element("summary"));
    }

    private static string? Words(XElement? text) =>
        text is null
            ? null
            : string.Join(
                ' ',
                string.Concat(text.Nodes().Select(Word)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            );

    private static string Word(XNode node) =>
        node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" or "paramref" } named => (
                named.Attribute("cref") ?? named.Attribute("name") ?? named.Attribute("langword")
            )!.Value.Split('.', ':')[^1],
            XElement marked => marked.Value,
            _ => string.Empty,
        };

    // The compiler writes them beside each assembly.
    private static Dictionary<string, XElement> ReadComments() =>
        new[] { typeof(ApiJson), typeof(CliJson) }
            .Select(type => Path.Combine(AppContext.BaseDirectory, $"{type.Assembly.GetName().Name}.xml"))
            .SelectMany(path => XDocument.Load(path).Descendants("member"))
            .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);
}
