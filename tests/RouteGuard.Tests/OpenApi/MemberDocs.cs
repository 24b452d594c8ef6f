using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RouteGuard.Tests.OpenApi;

/// <summary>The doc comments of projects, from the files that the compiler makes of them.</summary>
internal sealed partial class MemberDocs
{
    private const int MatchMillisecondsMax = 5000;

    private readonly Dictionary<string, string> _summaries;

    private MemberDocs(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Of the assemblies that have these types.</summary>
    public static MemberDocs Beside(params Type[] types) =>
        new(
            types
                .Select(type => Path.ChangeExtension(type.Assembly.Location, ".xml"))
                .SelectMany(file => XDocument.Load(file).Descendants("member"))
                .Where(member => member.Element("summary") is not null)
                .ToDictionary(
                    member => member.Attribute("name")!.Value,
                    member => Text(member.Element("summary")!),
                    StringComparer.Ordinal
                )
        );

    /// <summary>What a type is; null when nobody says.</summary>
    public string? Of(Type type) => _summaries.GetValueOrDefault($"T:{type.FullName}");

    /// <summary>What a property is; null when nobody says.</summary>
    public string? Of(MemberInfo property) =>
        _summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.DescendantNodes())
        {
            text.Append(
                node switch
                {
                    XText words => words.Value,
                    XElement { Name.LocalName: "see" or "paramref" } named => Name(named),
                    _ => string.Empty,
                }
            );
        }

        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    // <see cref="P:A.B.C" /> reads as C.
    private static string Name(XElement named) =>
        named.Attributes().FirstOrDefault()?.Value is { } name ? name[(name.LastIndexOf('.') + 1)..] : string.Empty;

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, MatchMillisecondsMax)]
    private static partial Regex Blanks();
}
