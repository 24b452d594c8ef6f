using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;
using Known = RouteGuard.Client.Contract;

namespace RouteGuard.Tests.OpenApi;

/// <summary>JSON Schemas of the contract's records: one component a record, with its doc comments.</summary>
/// <remarks>
/// In an answer a member that may not be null is required, as the client library asks for it; in a request nothing is,
/// but what the daemon insists on. No null is ever written, so none is described.
/// </remarks>
internal sealed class ApiSchemas
{
    public const string Prefix = "#/components/schemas/";

    private readonly MemberDocs _docs = MemberDocs.Beside(typeof(ApiJson));
    private readonly SortedDictionary<string, JsonNode> _components = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _undocumented = new(StringComparer.Ordinal);

    /// <summary>All records that were asked for, and those within them.</summary>
    public JsonObject Components => new(_components.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));

    /// <summary>Members that have no doc comment.</summary>
    public IReadOnlyList<string> Undocumented => [.. _undocumented];

    /// <summary>The schema of an answer: a reference, or a list of references.</summary>
    public JsonNode OfAnswer(Type type) => Of(type, Known.Options, Known.IsPromised);

    /// <summary>The schema of a request.</summary>
    public JsonNode OfRequest(Type type) => Of(type, ApiJson.Default.Options, member => member.IsRequired);

    private JsonNode Of(Type type, JsonSerializerOptions options, Func<JsonPropertyInfo, bool> isRequired)
    {
        var info = options.GetTypeInfo(type);
        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return Export(info, isRequired);
        }

        if (!_components.ContainsKey(type.Name))
        {
            // There before it is made: a record may hold itself.
            _components[type.Name] = new JsonObject();
            _components[type.Name] = Export(info, isRequired);
        }

        return new JsonObject { ["$ref"] = Prefix + type.Name };
    }

    private JsonNode Export(JsonTypeInfo root, Func<JsonPropertyInfo, bool> isRequired) =>
        root.GetJsonSchemaAsNode(
            new JsonSchemaExporterOptions
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = (context, node) =>
                {
                    var schema = node.AsObject();
                    if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
                    {
                        schema = context.Path.IsEmpty
                            ? Record(schema, context.TypeInfo, isRequired)
                            : Of(context.TypeInfo.Type, root.Options, isRequired).AsObject();
                    }

                    if (schema["type"] is JsonArray types)
                    {
                        schema["type"] = types.Select(type => type!.GetValue<string>()).Single(type => type != "null");
                    }

                    return context.PropertyInfo is { } member ? Described(schema, member) : schema;
                },
            }
        );

    private JsonObject Record(JsonObject schema, JsonTypeInfo type, Func<JsonPropertyInfo, bool> isRequired)
    {
        schema.Remove("required");
        if (
            type.Properties.Where(isRequired).Select(member => (JsonNode)member.Name).ToArray() is { Length: > 0 } names
        )
        {
            schema["required"] = new JsonArray(names);
        }

        return Described(schema, _docs.Of(type.Type), type.Type.Name);
    }

    private JsonObject Described(JsonObject schema, JsonPropertyInfo member)
    {
        var property = (MemberInfo)member.AttributeProvider!;
        return Described(schema, _docs.Of(property), $"{property.DeclaringType!.Name}.{property.Name}");
    }

    private JsonObject Described(JsonObject schema, string? text, string name)
    {
        if (text is null)
        {
            _undocumented.Add(name);
            return schema;
        }

        schema.Remove("description");
        schema.Insert(0, "description", text);
        return schema;
    }
}
