using System.Globalization;
using System.Text.RegularExpressions;
using RouteGuard.Core.Routes;

namespace RouteGuard.Story;

/// <summary>Takes addresses out of a text, the same address always for the same other one, so that a report can still
/// be followed.</summary>
/// <remarks>
/// Lengths of prefixes, loopback and the default stay: they tell nothing of whose network it is. IPv4 becomes one of
/// 240.0.0.0/4 (RFC 1112, reserved), IPv6 one of 100::/64 (RFC 6666, discard only), so none is taken for a real one;
/// layer 2 addresses become 02:00:….
/// </remarks>
internal sealed partial class Redaction
{
    private const int MatchMillisecondsMax = 5000;

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Apply(string text) =>
        Candidate().Replace(Mac().Replace(text, match => Name(match.Value, MacOf)), match => Replace(match.Value));

    private string Replace(string word) =>
        IpAddress.TryParse(word, out var address) && !IsOfNobody(address)
            ? Name(word, address.Family == IpFamily.V4 ? V4Of : V6Of)
            : word;

    private string Name(string word, Func<int, string> make)
    {
        if (!_names.TryGetValue(word, out var name))
        {
            name = make(_names.Count + 1);
            _names[word] = name;
        }

        return name;
    }

    private static string V4Of(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"240.{number >> 16}.{(number >> 8) & 255}.{number & 255}");

    private static string V6Of(int number) => string.Create(CultureInfo.InvariantCulture, $"100::{number:x}");

    private static string MacOf(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:{(number >> 8) & 255:x2}:{number & 255:x2}");

    private static bool IsOfNobody(IpAddress address) =>
        address.IsUnspecified
        || (address.Family == IpFamily.V4 ? address.Low >> 24 is 127 or >= 240 : address.Number == 1)
        || (address.Family == IpFamily.V4 && address == IpAddress.Parse("128.0.0.0"));

    [GeneratedRegex(
        @"(?<![\w.:])([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7})(?![\w:])",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex Candidate();

    [GeneratedRegex(
        @"(?<![\w:])[0-9a-f]{2}(:[0-9a-f]{2}){5}(?![\w:])",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        MatchMillisecondsMax
    )]
    private static partial Regex Mac();
}
