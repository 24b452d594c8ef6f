using System.Globalization;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

public sealed class CaptureTextTests
{
    /// <summary>
    /// Words that have no text form here: their routes are carried as bytes (<c>raw</c>), which the other tests show.
    /// </summary>
    private static readonly string[] WordsWithoutText =
    [
        "encap", // a language of its own for each kind (mpls, ip, ip6, seg6, bpf, …)
        "ttl-propagate", // MPLS only
        "as", // MPLS only
        "tun_id", // rules of an encapsulation
        "dscp",
        "sport-mask",
        "dport-mask",
        "flowlabel", // younger than the iproute2 whose words are read
    ];

    private readonly NetlinkWriter _writer = new();

    public static TheoryData<string> Files => Capture.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public void The_words_of_ip_give_the_bytes_of_ip(string file)
    {
        var capture = Capture.Named(file);
        if (!IpCommand.TryParse(capture.Command, out var command) || command.Words.Intersect(WordsWithoutText).Any())
        {
            return;
        }

        // A command that ip(8) refused by itself sent nothing.
        foreach (var message in capture.Requests(command.IsRule ? NetlinkType.NewRule : NetlinkType.NewRoute))
        {
            _writer.Clear();
            if (TryAppend(command, capture.Names, message.Header, out var problem))
            {
                SameBytes.Assert(message, _writer.Written, command.IsRule);
            }
            else
            {
                // What ip(8) or the kernel refuses may be refused here; and host bits are, by design.
                Assert.True(capture.ReturnCode != 0 || command.HasHostBits, $"{command.Line}: {problem}");
            }
        }
    }

    private bool TryAppend(IpCommand command, InterfaceNames names, NetlinkHeader header, out string? problem)
    {
        if (command.IsRule)
        {
            if (RuleText.TryParse(command.Line, out var rule, out problem))
            {
                RuleCodec.AppendNewRule(_writer, rule, header.Flags, header.Sequence);
            }
        }
        else if (RouteText.TryParse(command.Line, names, out var route, out problem))
        {
            RouteCodec.AppendNewRoute(_writer, route, header.Flags, header.Sequence);
        }

        return problem is null;
    }

    [Fact]
    public void Most_captures_are_compared_byte_by_byte()
    {
        var compared = Capture.All.Count(capture => IpCommand.TryParse(capture.Command, out _));
        Assert.True(compared >= 70, $"only {compared} commands were understood");
    }

    [Fact]
    public void What_was_printed_of_a_captured_route_or_rule_reads_back_as_the_same()
    {
        var compared = 0;
        foreach (var capture in Capture.All)
        {
            compared += capture.Messages.Count(message =>
                message.Header.Type switch
                {
                    NetlinkType.NewRoute => RouteReadsBack(capture, message),
                    NetlinkType.NewRule => RuleReadsBack(message),
                    _ => false,
                }
            );
        }

        Assert.True(compared >= 190, $"only {compared} messages were compared");
    }

    private static bool RouteReadsBack(Capture capture, CapturedMessage message)
    {
        if (!RouteCodec.TryDecode(message.Body, out var route, out _))
        {
            return false;
        }

        var line = RouteText.Print(route, capture.Names);
        Assert.True(RouteText.TryParse(line, capture.Names, out var again, out var problem), $"{line}: {problem}");
        Assert.Equal(line, RouteText.Print(again, capture.Names));
        Assert.Equal(route, again with { Attributes = again.Attributes with { Scope = RouteScope.Of(again) } });
        return true;
    }

    private static bool RuleReadsBack(CapturedMessage message)
    {
        if (!RuleCodec.TryDecode(message.Body, out var rule, out _, message.IsRequest))
        {
            return false;
        }

        Assert.True(RuleText.TryParse(RuleText.Print(rule), out var again, out var problem), problem);
        Assert.Equal(rule, again);
        return true;
    }
}

/// <summary>A command that makes a route or a rule.</summary>
/// <param name="IsRule"><c>ip rule</c> rather than <c>ip route</c>.</param>
/// <param name="Line">The family and the words after the verb, as the text forms read them.</param>
internal sealed record IpCommand(bool IsRule, string Line)
{
    private static readonly string[] Verbs = ["add", "append", "prepend", "replace", "change", "test"];

    public IEnumerable<string> Words => Line.Split(' ');

    /// <summary>A prefix such as 10.0.0.1/8.</summary>
    public bool HasHostBits =>
        Words
            .Select(word => word.Split('/'))
            .Any(parts =>
                parts.Length == 2
                && IpAddress.TryParse(parts[0], out var address)
                && byte.TryParse(parts[1], CultureInfo.InvariantCulture, out var length)
                && length <= address.BitLength
                && address.Masked(length) != address
            );

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IpCommand? command)
    {
        command = null;
        var words = new Queue<string>(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (words.Count < 4 || words.Dequeue() != "ip")
        {
            return false;
        }

        var family = words.Peek() is "-4" or "-6" ? words.Dequeue() + " " : string.Empty;
        var what = words.Dequeue();
        if (what is not ("route" or "rule") || words.Count < 2 || !Verbs.Contains(words.Dequeue()))
        {
            return false;
        }

        command = new(what == "rule", family + string.Join(' ', words));
        return true;
    }
}
