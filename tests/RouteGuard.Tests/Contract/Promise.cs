using System.Text.Json.Nodes;

namespace RouteGuard.Tests.Contract;

/// <summary>Whether a schema keeps what an older one promised to those who read answers.</summary>
internal static class Promise
{
    /// <summary>Deeper than any answer is.</summary>
    private const int DepthMax = 32;

    /// <summary>What was promised and is no more: a sentence each.</summary>
    public static IReadOnlyList<string> BrokenBy(JsonNode before, JsonNode after) =>
        [.. Broken("the answer", before, after, DepthMax)];

    private static IEnumerable<string> Broken(string where, JsonNode before, JsonNode? after, int depth)
    {
        if (depth == 0 || after is null)
        {
            return [depth == 0 ? $"{where} is too deep" : $"{where} has no type any more"];
        }

        return Types(where, before, after)
            .Concat(Format(where, before, after))
            .Concat(Members(where, before, after, depth))
            .Concat(before["items"] is { } items ? Broken($"each of {where}", items, after["items"], depth - 1) : []);
    }

    // A reader that was told of these types must not meet another.
    private static IEnumerable<string> Types(string where, JsonNode before, JsonNode after)
    {
        string[] known = [.. TypesOf(before)];
        var other = TypesOf(after).Except(known, StringComparer.Ordinal).ToArray();
        return known.Length > 0 && (other.Length > 0 || !TypesOf(after).Any())
            ? [$"{where} was {string.Join(" or ", known)} and is {string.Join(" or ", TypesOf(after))}"]
            : [];
    }

    private static IEnumerable<string> Format(string where, JsonNode before, JsonNode after) =>
        before["format"]?.GetValue<string>() is { } format && after["format"]?.GetValue<string>() != format
            ? [$"{where} is no {format} any more"]
            : [];

    private static IEnumerable<string> Members(string where, JsonNode before, JsonNode after, int depth)
    {
        if (before["properties"] is not JsonObject members)
        {
            return [];
        }

        var now = after["properties"] as JsonObject;
        var missing = RequiredOf(before)
            .Except(RequiredOf(after), StringComparer.Ordinal)
            .Select(name => $"{name} of {where} may be left out now");
        return members
            .SelectMany(member =>
                now?[member.Key] is { } same
                    ? Broken($"{member.Key} of {where}", member.Value!, same, depth - 1)
                    : [$"{member.Key} of {where} is gone"]
            )
            .Concat(missing);
    }

    private static IEnumerable<string> RequiredOf(JsonNode schema) =>
        schema["required"] is JsonArray names ? names.Select(name => name!.GetValue<string>()) : [];

    private static IEnumerable<string> TypesOf(JsonNode schema) =>
        schema["type"] switch
        {
            JsonArray types => types.Select(type => type!.GetValue<string>()),
            { } one => [one.GetValue<string>()],
            null => [],
        };
}
