using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <content>Reading. Every word must be understood, or the line is refused with the word that was not.</content>
public static partial class RouteText
{
    internal const string RawProblem = "raw needs lower-case hex digits in pairs";
    internal const string TosProblem = "tos needs 0x00 to 0xff, or a name such as EF";

    // RTA_FLOW (linux/rtnetlink.h).
    private const ushort RealmsOfRoute = 11;

    private const byte TypeLocal = 2;
    private const byte TypeBroadcast = 3;
    private const byte TypeAnycast = 4;
    private const byte TypeNat = 10;

    private static readonly NumberNames SpecialTypes = new(
        (TypeLocal, "local"),
        (TypeBroadcast, "broadcast"),
        (TypeAnycast, "anycast"),
        (5, "multicast"),
        (TypeNat, "nat")
    );

    public static Route Parse(string line, InterfaceNames names) =>
        TryParse(line, names, out var route, out var problem)
            ? route
            : throw new FormatException($"'{line}' is not a route: {problem}.");

    /// <summary>Reads one route.</summary>
    /// <param name="line">The words of one line.</param>
    /// <param name="names">Interfaces by name; <c>ifN</c> is always known.</param>
    /// <param name="route">The route when the answer is true.</param>
    /// <param name="problem">What is wrong with which word when the answer is false.</param>
    public static bool TryParse(
        ReadOnlySpan<char> line,
        InterfaceNames names,
        [NotNullWhen(true)] out Route? route,
        [NotNullWhen(false)] out string? problem
    ) => TryParseAfter(null, line, names, out route, out problem);

    /// <summary>Reads one route of many; it shares with the one before what they have in common.</summary>
    public static bool TryParseAfter(
        Route? previous,
        ReadOnlySpan<char> line,
        InterfaceNames names,
        [NotNullWhen(true)] out Route? route,
        [NotNullWhen(false)] out string? problem
    )
    {
        var words = new TextWords(line);
        var draft = new Draft { Names = names, Previous = previous };
        problem = ReadHead(ref words, ref draft);
        while (problem is null && !words.IsEnd)
        {
            problem = ReadWord(ref words, ref draft);
        }

        route = null;
        return problem is null && draft.TryFinish(out route, out problem);
    }

    private static string? ReadHead(ref TextWords words, ref Draft draft)
    {
        draft.Family =
            words.Take("-6") ? IpFamily.V6
            : words.Take("-4") ? IpFamily.V4
            : null;
        _ = words.Take("to");
        var word = words.Next();
        if (word is "blackhole" or "unreachable" or "prohibit" or "throw" or "unicast")
        {
            draft.Type = word.ToString();
            word = words.Next();
        }
        else if (SpecialTypes.TryParseName(word, out var special))
        {
            draft.SpecialType = (byte)special;
            word = words.Next();
        }
        else if (word is "type" && words.TryNumber(out var number) && number <= byte.MaxValue)
        {
            draft.SpecialType = (byte)number;
            word = words.Next();
        }

        if (word is "default")
        {
            return null;
        }

        if (IpAddress.TryParse(word, out var address))
        {
            draft.Destination = Prefix.Host(address);
            return null;
        }

        if (Prefix.TryParse(word, out var prefix))
        {
            draft.Destination = prefix;
            return null;
        }

        return Problem(word, "is not a destination prefix (host bits must be zero)");
    }

    private static string? ReadWord(ref TextWords words, ref Draft draft)
    {
        var word = words.Next();
        switch (word)
        {
            case "via":
                return ReadGateway(ref words, ref draft.Gateway);
            case "dev":
                return ReadInterface(ref words, draft.Names, ref draft.Device);
            case "onlink":
                draft.IsOnLink = true;
                return null;
            case "nhid":
                return words.TryNumber(out draft.NextHopId) ? null : "nhid needs a number";
            case "metric" or "preference" or "priority":
                return words.TryNumber(out draft.Metric) ? null : "metric needs a number";
            case "table":
                return ReadTable(words.Next(), ref draft);
            case "nexthop":
                return ReadLeg(ref words, ref draft);
            case "ifscope":
                return ReadInterface(ref words, draft.Names, ref draft.ScopeInterface);
            case "host":
                draft.IsHostEntry = true;
                return null;
            default:
                return ReadAttribute(word, ref words, ref draft);
        }
    }

    private static string? ReadAttribute(ReadOnlySpan<char> word, ref TextWords words, ref Draft draft)
    {
        switch (word)
        {
            case "proto" or "protocol":
                return RouteProtocol.TryParse(words.Next(), out draft.Protocol)
                    ? null
                    : "proto needs a number or a known name";
            case "scope":
                draft.HasScope = true;
                return RouteScope.TryParse(words.Next(), out draft.Scope)
                    ? null
                    : "scope needs a number or a known name";
            case "src":
                draft.HasPreferredSource = true;
                return IpAddress.TryParse(words.Next(), out draft.PreferredSource) ? null : "src needs an address";
            case "from":
                draft.HasSource = true;
                return Prefix.TryParse(words.Next(), out draft.Source) ? null : "from needs a prefix";
            case "tos" or "dsfield":
                return ReadTos(ref words, ref draft);
            case "pref":
                return ReadPreference(words.Next(), ref draft);
            case "expires":
                var seconds = words.Next();
                seconds = seconds.EndsWith("sec", StringComparison.Ordinal) ? seconds[..^3] : seconds;
                return uint.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out draft.Expires)
                    ? null
                    : "expires needs a number of seconds";
            case "realm" or "realms":
                return ReadRealms(words.Next(), ref draft.Raw, RealmsOfRoute);
            case "raw":
                return words.TryRaw(out draft.Raw) ? null : RawProblem;
            default:
                return ReadMetric(word, ref words, ref draft);
        }
    }

    private static string? ReadTos(ref TextWords words, ref Draft draft)
    {
        return words.TryTos(out draft.Tos) ? null : TosProblem;
    }

    private static string? ReadTable(ReadOnlySpan<char> word, ref Draft draft)
    {
        var isRead = RouteTableNumber.TryParse(word, out var table);
        draft.Table = isRead ? table : null;
        return isRead ? null : "table needs a number or a known name";
    }

    /// <summary><c>[FROM/]TO</c>, two numbers of 16 bits that are carried in the raw attributes.</summary>
    internal static string? ReadRealms(ReadOnlySpan<char> word, ref RawAttributes raw, ushort type)
    {
        var slash = word.IndexOf('/');
        ushort from = 0;
        var isRead =
            ushort.TryParse(word[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            && (slash < 0 || ushort.TryParse(word[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out from));
        if (!isRead)
        {
            return "realms needs [FROM/]TO in numbers";
        }

        raw = raw.With(type, BitConverter.GetBytes((uint)(from << 16) | to));
        return null;
    }

    private static string? ReadPreference(ReadOnlySpan<char> word, ref Draft draft)
    {
        draft.Preference = word switch
        {
            "high" => 1,
            "low" => 3,
            "reserved" => 2,
            _ => 0,
        };
        return word is "medium" or "high" or "low" or "reserved" ? null : Problem(word, "is not low, medium or high");
    }

    private static string? ReadGateway(ref TextWords words, ref IpAddress? gateway)
    {
        _ = words.Take("inet") || words.Take("inet6");
        var word = words.Next();
        if (!IpAddress.TryParse(word, out var address))
        {
            return Problem(word, "is not a gateway address");
        }

        gateway = address;
        return null;
    }

    private static string? ReadInterface(ref TextWords words, InterfaceNames names, ref InterfaceIndex device)
    {
        var word = words.Next();
        return names.TryIndexOf(word, out device) ? null : Problem(word, "is not an interface that is known here");
    }

    private static string? ReadLeg(ref TextWords words, ref Draft draft)
    {
        IpAddress? gateway = null;
        var device = InterfaceIndex.None;
        var raw = RawAttributes.None;
        uint weight = 1;
        var isOnLink = false;
        string? problem = null;
        while (problem is null && !words.IsEnd)
        {
            if (words.Take("via"))
            {
                problem = ReadGateway(ref words, ref gateway);
            }
            else if (words.Take("dev"))
            {
                problem = ReadInterface(ref words, draft.Names, ref device);
            }
            else if (words.Take("weight"))
            {
                problem = words.TryNumber(out weight) && weight is > 0 and <= 256 ? null : "weight needs 1 to 256";
            }
            else if (words.Take("onlink"))
            {
                isOnLink = true;
            }
            else if (words.Take("realm") || words.Take("realms"))
            {
                problem = ReadRealms(words.Next(), ref raw, RealmsOfRoute);
            }
            else if (words.Take("raw"))
            {
                problem = words.TryRaw(out raw) ? null : RawProblem;
            }
            else
            {
                break;
            }
        }

        (draft.Legs ??= []).Add(new(gateway, device, (int)weight, isOnLink, raw));
        return problem;
    }

    private static string Problem(ReadOnlySpan<char> word, string what) =>
        word.IsEmpty ? $"the end of the line {what}" : $"'{word}' {what}";
}
