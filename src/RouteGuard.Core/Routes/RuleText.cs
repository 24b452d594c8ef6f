using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>The text form of a policy rule: the words of <c>ip rule</c>, with the family in front of an IPv6
/// rule.</summary>
/// <remarks>
/// <c>[-6] [pref N] [not] [from PREFIX] [to PREFIX] [tos 0xNN] [fwmark N[/MASK]] [iif NAME] [oif NAME] [uidrange A-B]
/// [ipproto N] [sport A[-B]] [dport A[-B]] [protocol P] [lookup T | l3mdev [suppress_prefixlength N] [suppress_ifgroup
/// N] |
/// goto N | nop | blackhole | unreachable | prohibit] [raw HEX]</c>
/// </remarks>
public static partial class RuleText
{
    public static string Print(PolicyRule rule)
    {
        var line = new TextLine(stackalloc char[256]);
        try
        {
            PrintSelector(ref line, rule);
            PrintAction(ref line, rule);
            if (!rule.Raw.IsEmpty)
            {
                line.Word("raw", rule.Raw.ToString());
            }

            return line.ToString();
        }
        finally
        {
            line.Dispose();
        }
    }

    private static void PrintSelector(ref TextLine line, PolicyRule rule)
    {
        if (rule.Family == IpFamily.V6)
        {
            line.Word("-6");
        }

        if (rule.Priority is { } priority)
        {
            line.Number("pref", priority);
        }

        if (rule.IsInverted)
        {
            line.Word("not");
        }

        PrintPrefix(ref line, "from", rule.From);
        PrintPrefix(ref line, "to", rule.To);
        if (rule.Tos != 0)
        {
            line.Hexadecimal("tos", rule.Tos, "x2");
        }

        PrintMark(ref line, rule);
        if (rule.InputInterface is { } input)
        {
            line.Word("iif", input);
        }

        if (rule.OutputInterface is { } output)
        {
            line.Word("oif", output);
        }

        if (rule.Uids is { } uids)
        {
            line.Word("uidrange", string.Create(CultureInfo.InvariantCulture, $"{uids.First}-{uids.Last}"));
        }

        if (rule.IpProtocol != 0)
        {
            line.Number("ipproto", rule.IpProtocol);
        }

        PrintPorts(ref line, "sport", rule.SourcePorts);
        PrintPorts(ref line, "dport", rule.DestinationPorts);
        if (rule.Protocol != 0)
        {
            line.Word("protocol", RouteProtocol.NameOf(rule.Protocol));
        }
    }

    private static void PrintAction(ref TextLine line, PolicyRule rule)
    {
        switch (rule.Action)
        {
            case PolicyRule.ActionLookup when rule.UsesVrfTable:
                line.Word("l3mdev");
                break;
            case PolicyRule.ActionLookup:
                line.Word("lookup", RouteTableNumber.NameOf(rule.Table));
                break;
            case PolicyRule.ActionGoto:
                line.Number("goto", rule.Goto ?? 0);
                break;
            case PolicyRule.ActionNop:
                line.Word("nop");
                break;
            case PolicyRule.ActionBlackhole:
                line.Word("blackhole");
                break;
            case PolicyRule.ActionUnreachable:
                line.Word("unreachable");
                break;
            case PolicyRule.ActionProhibit:
                line.Word("prohibit");
                break;
            default:
                line.Number("action", rule.Action);
                break;
        }

        if (rule.SuppressPrefixLength is { } length)
        {
            line.Number("suppress_prefixlength", length);
        }

        if (rule.SuppressInterfaceGroup is { } group)
        {
            line.Number("suppress_ifgroup", group);
        }
    }

    private static void PrintPrefix(ref TextLine line, string word, Prefix? prefix)
    {
        if (prefix is { } known)
        {
            line.Word(word);
            line.Prefix(known);
        }
    }

    private static void PrintMark(ref TextLine line, PolicyRule rule)
    {
        if (rule.FirewallMark is { } mark)
        {
            line.Word("fwmark", rule.FirewallMask is { } mask ? $"0x{mark:x}/0x{mask:x}" : $"0x{mark:x}");
        }
    }

    private static void PrintPorts(ref TextLine line, string word, PortRange? ports)
    {
        if (ports is { } known)
        {
            line.Word(
                word,
                known.First == known.Last
                    ? known.First.ToString(CultureInfo.InvariantCulture)
                    : string.Create(CultureInfo.InvariantCulture, $"{known.First}-{known.Last}")
            );
        }
    }

    public static PolicyRule Parse(string line) =>
        TryParse(line, out var rule, out var problem)
            ? rule
            : throw new FormatException($"'{line}' is not a rule: {problem}.");

    /// <summary>Reads one rule; a word that is not understood refuses the line.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> line,
        [NotNullWhen(true)] out PolicyRule? rule,
        [NotNullWhen(false)] out string? problem
    )
    {
        var words = new TextWords(line);
        var isV6 = words.Take("-6");
        _ = words.Take("-4");
        rule = new()
        {
            Family = isV6 ? IpFamily.V6 : IpFamily.V4,
            Priority = null,
            Table = Route.TableMain,
        };
        problem = null;
        while (problem is null && !words.IsEnd)
        {
            problem = ReadWord(ref words, ref rule);
        }

        problem ??=
            (rule.From?.Family ?? rule.Family) == rule.Family && (rule.To?.Family ?? rule.Family) == rule.Family
                ? null
                : "a prefix is not of the rule's family (-6 stands in front of an IPv6 rule)";
        rule = problem is null ? rule : null;
        return problem is null;
    }

    private static string? ReadWord(ref TextWords words, ref PolicyRule rule)
    {
        var word = words.Next();
        switch (word)
        {
            case "pref" or "priority" or "preference" or "prio":
                return Number(ref words, word, out var priority) ?? Set(ref rule, rule with { Priority = priority });
            case "not":
                return Set(ref rule, rule with { IsInverted = true });
            case "from":
                return ReadPrefix(ref words, out var from) ?? Set(ref rule, rule with { From = from });
            case "to":
                return ReadPrefix(ref words, out var to) ?? Set(ref rule, rule with { To = to });
            case "tos" or "dsfield":
                return words.TryTos(out var tos) ? Set(ref rule, rule with { Tos = tos }) : RouteText.TosProblem;
            case "fwmark":
                return ReadMark(words.Next(), ref rule);
            case "iif" or "dev":
                return Set(ref rule, rule with { InputInterface = words.Next().ToString() });
            case "oif":
                return Set(ref rule, rule with { OutputInterface = words.Next().ToString() });
            case "uidrange":
                return ReadRange(words.Next(), uint.MaxValue, out var uid, out var uidLast)
                    ?? Set(ref rule, rule with { Uids = new(uid, uidLast) });
            case "sport":
                return ReadRange(words.Next(), ushort.MaxValue, out var source, out var sourceLast)
                    ?? Set(ref rule, rule with { SourcePorts = new((ushort)source, (ushort)sourceLast) });
            case "dport":
                return ReadRange(words.Next(), ushort.MaxValue, out var port, out var portLast)
                    ?? Set(ref rule, rule with { DestinationPorts = new((ushort)port, (ushort)portLast) });
            case "ipproto":
                return IpProtocolNames.TryParse(words.Next(), byte.MaxValue, out var ipProtocol)
                    ? Set(ref rule, rule with { IpProtocol = (byte)ipProtocol })
                    : "ipproto needs a number or a known name";
            case "protocol" or "proto":
                return RouteProtocol.TryParse(words.Next(), out var protocol)
                    ? Set(ref rule, rule with { Protocol = protocol })
                    : "protocol needs a number or a known name";
            default:
                return ReadAction(word, ref words, ref rule);
        }
    }

    // FRA_FLOW (linux/fib_rules.h).
    private const ushort RealmsOfRule = 11;

    private static readonly NumberNames IpProtocolNames = new(
        (1, "icmp"),
        (2, "igmp"),
        (6, "tcp"),
        (17, "udp"),
        (33, "dccp"),
        (41, "ipv6"),
        (47, "gre"),
        (50, "esp"),
        (51, "ah"),
        (58, "ipv6-icmp"),
        (89, "ospf"),
        (132, "sctp"),
        (136, "udplite")
    );

    private static string? ReadAction(ReadOnlySpan<char> word, ref TextWords words, ref PolicyRule rule)
    {
        switch (word)
        {
            case "lookup" or "table":
                return RouteTableNumber.TryParse(words.Next(), out var table)
                    ? Set(ref rule, rule with { Action = PolicyRule.ActionLookup, Table = table })
                    : "lookup needs a table";
            case "goto":
                return Number(ref words, word, out var target)
                    ?? Set(ref rule, rule with { Action = PolicyRule.ActionGoto, Table = 0, Goto = target });
            case "nop":
                return Set(ref rule, rule with { Action = PolicyRule.ActionNop, Table = 0 });
            case "blackhole":
                return Set(ref rule, rule with { Action = PolicyRule.ActionBlackhole, Table = 0 });
            case "unreachable":
                return Set(ref rule, rule with { Action = PolicyRule.ActionUnreachable, Table = 0 });
            case "prohibit":
                return Set(ref rule, rule with { Action = PolicyRule.ActionProhibit, Table = 0 });
            case "action":
                return Number(ref words, word, out var action)
                    ?? (
                        action > byte.MaxValue
                            ? "action needs 0 to 255"
                            : Set(ref rule, rule with { Action = (byte)action, Table = 0 })
                    );
            case "suppress_prefixlength" or "sup_pl":
                return Number(ref words, word, out var length)
                    ?? Set(ref rule, rule with { SuppressPrefixLength = length });
            case "suppress_ifgroup" or "sup_group":
                return words.Take("default")
                    ? Set(ref rule, rule with { SuppressInterfaceGroup = 0 })
                    : Number(ref words, word, out var group)
                        ?? Set(ref rule, rule with { SuppressInterfaceGroup = group });
            case "l3mdev":
                return Set(ref rule, rule with { Action = PolicyRule.ActionLookup, Table = 0, UsesVrfTable = true });
            case "realms":
                var raws = rule.Raw;
                return RouteText.ReadRealms(words.Next(), ref raws, RealmsOfRule)
                    ?? Set(ref rule, rule with { Raw = raws });
            case "raw":
                return words.TryRaw(out var raw) ? Set(ref rule, rule with { Raw = raw }) : RouteText.RawProblem;
            default:
                return $"'{word}' is not a word of ip rule that is known here";
        }
    }

    private static string? ReadPrefix(ref TextWords words, out Prefix? prefix)
    {
        var word = words.Next();
        prefix = null;
        if (word is "all" or "any" or "default")
        {
            return null;
        }

        if (IpAddress.TryParse(word, out var address))
        {
            prefix = Prefix.Host(address);
            return null;
        }

        if (!Prefix.TryParse(word, out var parsed))
        {
            return $"'{word}' is not a prefix";
        }

        prefix = parsed;
        return null;
    }

    private static string? ReadMark(ReadOnlySpan<char> word, ref PolicyRule rule)
    {
        var slash = word.IndexOf('/');
        uint? mask = null;
        if (slash >= 0)
        {
            if (!TextWords.TryNumberOrHex(word[(slash + 1)..], out var given))
            {
                return "fwmark needs MARK or MARK/MASK";
            }

            mask = given;
        }

        return TextWords.TryNumberOrHex(slash < 0 ? word : word[..slash], out var mark)
            ? Set(ref rule, rule with { FirewallMark = mark, FirewallMask = mask })
            : "fwmark needs MARK or MARK/MASK";
    }

    private static string? ReadRange(ReadOnlySpan<char> word, uint max, out uint first, out uint last)
    {
        var dash = word.IndexOf('-');
        var isRead = uint.TryParse(
            dash < 0 ? word : word[..dash],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out first
        );
        last = first;
        isRead =
            isRead
            && (
                dash < 0 || uint.TryParse(word[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out last)
            );
        return isRead && first <= last && last <= max ? null : $"'{word}' is not a range";
    }

    private static string? Number(ref TextWords words, ReadOnlySpan<char> name, out uint number) =>
        words.TryNumber(out number) ? null : $"{name} needs a number";

    private static string? Set(ref PolicyRule rule, PolicyRule changed)
    {
        rule = changed;
        return null;
    }
}
