using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Storage;

/// <summary>baseline.json: the table in the words of <c>ip</c>, with the interfaces that its lines name.</summary>
/// <remarks>Lines stand in the table's order, so routes of equal key keep theirs. Interfaces come before
/// routes.</remarks>
internal static class BaselineDocument
{
    /// <summary>Twice a full Internet table; more is refused, in writing and in reading.</summary>
    public const int RoutesMax = 2_000_000;

    private const int LineLengthUsual = 512;

    /// <summary>Writes the document, without its seal.</summary>
    /// <exception cref="StateStoreException">More than <see cref="RoutesMax"/> routes.</exception>
    public static void Write(Utf8JsonWriter json, Baseline baseline)
    {
        var table = baseline.Table;
        if (table.Routes.Length > RoutesMax)
        {
            throw new StateStoreException(
                $"Cannot store a baseline of {table.Routes.Length} routes: at most {RoutesMax} are kept. Nothing was written."
            );
        }

        json.WriteStartObject();
        json.WriteNumber("schemaVersion"u8, Baseline.SchemaVersion);
        json.WriteString("takenAt"u8, baseline.TakenAt);
        json.WriteString("bootId"u8, baseline.BootId);
        json.WritePropertyName("interfaces"u8);
        JsonSerializer.Serialize(
            json,
            [.. table.Links.Select(InterfaceEntry.Of)],
            StorageJson.Default.InterfaceEntryArray
        );
        json.WritePropertyName("nextHops"u8);
        JsonSerializer.Serialize(
            json,
            [.. table.NextHops.Select(NextHopEntry.Of)],
            StorageJson.Default.NextHopEntryArray
        );
        if (baseline.Resolver is { } resolver)
        {
            json.WritePropertyName("resolver"u8);
            JsonSerializer.Serialize(json, resolver, StorageJson.Default.ResolverSettings);
        }

        if (baseline.Truth.IsKnown)
        {
            json.WritePropertyName("truth"u8);
            JsonSerializer.Serialize(json, TruthEntry.Of(baseline.Truth), StorageJson.Default.TruthEntry);
        }

        json.WriteStartArray("rules"u8);
        foreach (var rule in table.Rules)
        {
            json.WriteStringValue(RuleText.Print(rule));
        }

        json.WriteEndArray();
        WriteRoutes(json, table);
        json.WriteEndObject();
    }

    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out Baseline? baseline,
        [NotNullWhen(false)] out DocumentFault? fault
    ) => SealedDocument.TryRead(bytes, Baseline.SchemaVersion, Read, out baseline, out fault);

    private static void WriteRoutes(Utf8JsonWriter json, RouteTable table)
    {
        Span<char> line = stackalloc char[LineLengthUsual];
        json.WriteStartArray("routes"u8);
        foreach (var route in table.Routes)
        {
            if (RouteText.TryPrintExactly(route, table.Names, line, out var written))
            {
                json.WriteStringValue(line[..written]);
            }
            else
            {
                json.WriteStringValue(RouteText.PrintExactly(route, table.Names));
            }
        }

        json.WriteEndArray();
    }

    private static Baseline Read(ReadOnlySpan<byte> bytes)
    {
        DateTimeOffset? takenAt = null;
        string? bootId = null;
        NetworkLink[]? links = null;
        NextHopObject[] nextHops = [];
        ResolverSettings? resolver = null;
        TruthEntry? truth = null;
        List<PolicyRule> rules = [];
        List<Route>? routes = null;
        var json = new Utf8JsonReader(bytes);
        json.Read();
        while (TryReadName(ref json, out var property))
        {
            switch (property)
            {
                case "takenAt":
                    takenAt = json.GetDateTimeOffset();
                    break;
                case "bootId":
                    bootId = json.GetString();
                    break;
                case "interfaces":
                    links = ReadLinks(ref json);
                    break;
                case "nextHops":
                    nextHops = ReadNextHops(ref json);
                    break;
                case "resolver":
                    resolver = JsonSerializer.Deserialize(ref json, StorageJson.Default.ResolverSettings);
                    break;
                case "truth":
                    truth = JsonSerializer.Deserialize(ref json, StorageJson.Default.TruthEntry);
                    break;
                case "rules":
                    rules = ReadRules(ref json);
                    break;
                case "routes":
                    routes = ReadRoutes(ref json, RouteTable.FromDump([], links: links).Names);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return new()
        {
            TakenAt = takenAt ?? throw Missing("takenAt"),
            BootId = bootId ?? throw Missing("bootId"),
            Table = RouteTable.FromDump(
                routes ?? throw Missing("routes"),
                rules,
                links ?? throw Missing("interfaces"),
                nextHops
            ),
            Truth = truth?.ToTruth() ?? LiveTruth.None,
            Resolver = resolver,
        };
    }

    private static bool TryReadName(ref Utf8JsonReader json, out string? name)
    {
        var isName = json.Read() && json.TokenType == JsonTokenType.PropertyName;
        name = isName ? json.GetString() : null;
        return isName && json.Read();
    }

    private static NetworkLink[] ReadLinks(ref Utf8JsonReader json) =>
        [.. Items(ref json, StorageJson.Default.InterfaceEntryArray).Select(entry => entry.ToLink())];

    private static NextHopObject[] ReadNextHops(ref Utf8JsonReader json) =>
        [.. Items(ref json, StorageJson.Default.NextHopEntryArray).Select(entry => entry.ToNextHop())];

    private static T[] Items<T>(
        ref Utf8JsonReader json,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]> type
    ) => JsonSerializer.Deserialize(ref json, type) ?? [];

    private static FormatException Missing(string property) => new($"it has no {property}");

    private static List<PolicyRule> ReadRules(ref Utf8JsonReader json)
    {
        var rules = new List<PolicyRule>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            rules.Add(RuleText.Parse(json.GetString() ?? string.Empty));
        }

        return rules;
    }

    private static List<Route> ReadRoutes(ref Utf8JsonReader json, InterfaceNames names)
    {
        Span<char> usual = stackalloc char[LineLengthUsual];
        var routes = new List<Route>();
        Route? previous = null;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            ReadOnlySpan<char> line =
                json.ValueSpan.Length <= usual.Length ? usual[..json.CopyString(usual)] : json.GetString().AsSpan();
            if (routes.Count == RoutesMax)
            {
                throw new FormatException($"it has more than {RoutesMax} routes");
            }

            if (!RouteText.TryParseAfter(previous, line, names, out var route, out var problem))
            {
                throw new FormatException($"the route at byte {json.TokenStartIndex}, '{line}': {problem}");
            }

            routes.Add(route);
            previous = route;
        }

        return routes;
    }
}
