using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace RouteGuard.Configuration;

/// <summary>Reads the bytes of a configuration file strictly: what is not understood is refused, not guessed.</summary>
/// <remarks>JSON as RFC 8259 has it: no comments and no trailing commas, so that any other program reads the
/// same.</remarks>
internal static class ConfigurationReader
{
    /// <summary>Of a wrong value, so many characters are shown.</summary>
    private const int ShownMax = 40;

    /// <summary>Sections do not nest; a little more lets a wrong value be named instead of the depth.</summary>
    private const int DepthMax = 8;

    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = DepthMax,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowTrailingCommas = false,
    };

    /// <returns>True and what is in force; or false and why not, naming key, value and range: completes "Cannot use
    /// FILE: …".</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out DaemonConfiguration? configuration,
        out string problem
    )
    {
        configuration = null;
        if (!Utf8.IsValid(bytes))
        {
            problem = "it is not UTF-8. Save it as that.";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray(), Strict);
            problem = ProblemOf(document.RootElement, string.Empty) ?? string.Empty;
            if (problem.Length > 0)
            {
                return false;
            }

            configuration = document
                .RootElement.Deserialize(ConfigurationJson.Default.ConfigurationDocument)!
                .ToConfiguration();
            return true;
        }
        catch (JsonException bad)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"line {bad.LineNumber + 1} is not JSON at byte {bad.BytePositionInLine + 1}. Comments and trailing commas are not either."
            );
            return false;
        }
    }

    private static string? ProblemOf(JsonElement section, string path)
    {
        if (section.ValueKind != JsonValueKind.Object)
        {
            return $"{(path.Length == 0 ? "all of it" : path)} is {Shown(section)}, and may be an object.";
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in section.EnumerateObject())
        {
            if (!TryName(property, out var name))
            {
                return $"a key{(path.Length == 0 ? "" : $" of {path}")} is no text. Remove it.";
            }

            var key = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name))
            {
                return $"{Printable(key)} is there twice, now as {Shown(property.Value)}. Keep one.";
            }

            // A dot in a name is no way into a section.
            if (name.Contains('.', StringComparison.Ordinal) || !ConfigurationKeys.All.TryGetValue(key, out var rule))
            {
                var known = string.Join(", ", ConfigurationKeys.Below(path));
                return $"{Printable(key)} ({Shown(property.Value)}) is not known. Here may be: {known}.";
            }

            var problem =
                rule is KeyRule.Section ? ProblemOf(property.Value, key)
                : rule.Allows(property.Value) ? null
                : $"{key} is {Shown(property.Value)}, and may be {rule.Range}.";
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static bool TryName(JsonProperty property, out string name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            name = string.Empty;
            return false;
        }
    }

    private static string Shown(JsonElement value) => Printable(value.GetRawText());

    private static string Printable(string text)
    {
        var shown = new string([
            .. text.Take(ShownMax).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter),
        ]);
        return text.Length > ShownMax ? $"{shown}…" : shown;
    }
}
