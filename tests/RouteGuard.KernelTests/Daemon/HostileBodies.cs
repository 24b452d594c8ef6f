using System.Globalization;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Requests with good frames around bodies that are wrong.</summary>
/// <remarks>
/// What would begin a session carries three policies that there are not, so that no harmless spoiling makes a good
/// request of it.
/// </remarks>
/// <param name="chance">Seeded.</param>
/// <param name="session">A session that is up: that there is none must not be what keeps a body from being
/// read.</param>
internal sealed class HostileBodies(Random chance, string session)
{
    private const string Begin = "/v1/sessions";
    private const string Poison = "\"onDeath\":\"explode\",\"onDrift\":\"explode\",\"leaseSeconds\":-7";
    private const int BodyBytesMax = 64 * 1024;
    private const int UpBodyBytesMax = 1024 * 1024;
    private const int RoutesMax = 10_000;
    private const int NestingMax = 30_000;
    private const int StringLengthMax = 60_000;

    private static readonly string[] Numbers =
    [
        "-1",
        "0",
        "-0",
        "-0.0",
        "1e400",
        "-1e400",
        "1e308",
        "1e-400",
        "4",
        "3601",
        "2147483647",
        "2147483648",
        "-2147483649",
        "4294967295",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e999999999",
        "05",
        "+5",
        "0x5",
        "5.",
        ".5",
        "5e",
        "--5",
        "1_000",
        "NaN",
        "Infinity",
        "-Infinity",
        "\"600\"",
        "\"\"",
        "true",
        "[]",
        "{}",
        "[600]",
        "\u0663",
    ];

    private static readonly string[] NotJson =
    [
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "label=a&ownerPid=1",
        "--x\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\na\r\n--x--",
        "null,",
        "undefined",
        "{'label':'a'}",
        "{label:\"a\"}",
        "// comment\n{}",
        "{/* a */}",
        "{\"label\":\"a\",}",
        "{,}",
        "{}{}",
        "[]",
        "[{}]",
        "\"text\"",
        "true",
        "42",
        "\0",
        "\u00ef\u00bb\u00bf",
        "\u00fe\u00ff\0{\0}",
        "{\0}\0",
        "%7B%7D",
        "\u001f\u008b\u0008\0\0",
    ];

    /// <summary>Each letter is a byte.</summary>
    private static readonly string[] NotUtf8 =
    [
        "\u0080",
        "\u00ff",
        "\u00c0\u00af",
        "\u00c3",
        "\u00e2\u0082",
        "\u00ed\u00a0\u0080",
        "\u00f4\u0090\u0080\u0080",
        "\u00f8\u0088\u0080\u0080\u0080",
        "\\ud800",
        "\\udc00\\ud800",
        "\\u00",
        "\\x41",
        "\\",
        "\u0001",
        "\n",
    ];

    private static readonly string[] Labels =
    [
        "\\u0000",
        "\\u001b[2J\\u001b[H",
        "\\u202e",
        "a\\nverdict: ok",
        "../../../etc/passwd",
        "$(reboot)",
        "%s%s%s%n",
        "{0}{1}",
    ];

    private static readonly string[] Tunnels =
    [
        "",
        ".",
        "..",
        "../lo",
        "/dev/null",
        "a b",
        "tun0\\u0000",
        "sixteen-letters-",
        "\\u00e4",
        "lo; reboot",
        "-f",
        "%",
    ];

    private static readonly string[] Routes =
    [
        "",
        "default via 192.0.2.999 dev phys0",
        "default via",
        "default dev phys0; reboot",
        "10.0.0.0/33 dev phys0",
        "10.0.0.0/-1 dev phys0",
        "10.0.0.0/8 dev ../lo",
        "10.0.0.0/8 dev phys0 via",
        "10.0.0.0/8 dev phys0 metric -1",
        "10.0.0.0/8 dev phys0 metric 4294967296",
        "10.0.0.0/8 dev phys0 table 99999999999",
        "::/129 dev phys0",
        "\\u0000",
        "default\\nvia 192.0.2.1",
        "flush table all",
    ];

    public HostileRequest Number()
    {
        var number = Pick(Numbers);
        return Pick("ownerPid", "leaseSeconds", "confirmSeconds") switch
        {
            "confirmSeconds" => HostileRequest.WithBody("number", Up("nobody"), $$"""{"confirmSeconds":{{number}}}"""),
            var member => HostileRequest.WithBody(
                "number",
                Begin,
                $$"""{"label":"a","onDeath":"explode","{{member}}":{{number}}}"""
            ),
        };
    }

    public HostileRequest Type()
    {
        var value = Pick("7", "true", "{}", "[]", "[[]]", "{\"a\":1}", "\"\"");
        var member = Pick("label", "tunnel", "onDeath", "onDrift", "probe", "session", "dryRun", "routes");
        var target = Pick(Begin, "/v1/restore", Up("nobody"), Up(session));

        // An effect is nowhere: what is right by chance has a neighbour that is wrong.
        return HostileRequest.WithBody(
            "type",
            target,
            $$"""{"{{member}}":{{value}},{{Poison}},"tunnel":[],"session":[]}"""
        );
    }

    public HostileRequest Cut()
    {
        var text = $$"""{"label":"a \u00e4 b","ownerPid":4711,"tunnel":null,{{Poison}}}""";
        return HostileRequest.WithBody("JSON cut", Begin, text[..chance.Next(1, text.Length)]);
    }

    public HostileRequest Invalid() =>
        HostileRequest.WithBody(
            "invalid UTF-8",
            Begin,
            Encoding.Latin1.GetBytes($$"""{"{{Pick("label", "x")}}":"{{Pick(NotUtf8)}}",{{Poison}}}""")
        );

    public HostileRequest NoJson() =>
        HostileRequest.WithBody(
            "no JSON",
            Pick(Begin, Up(session), "/v1/restore"),
            Encoding.Latin1.GetBytes($"{Pick(NotJson)}{Pick("", "\0", "]")}!")
        );

    public HostileRequest Nesting()
    {
        var depth = chance.Next(65, NestingMax);
        var (open, close) = Pick(("[", "]"), ("{\"a\":", "}"));
        var deep = string.Concat(Enumerable.Repeat(open, depth / open.Length));
        var end = chance.Next(2) == 0 ? "" : $"1{string.Concat(Enumerable.Repeat(close, depth / open.Length))}";
        return HostileRequest.WithBody("nesting", Begin, $$"""{"label":{{deep}}{{end}},{{Poison}}}""");
    }

    public HostileRequest HugeString()
    {
        var huge = string.Concat(Enumerable.Repeat(Pick("x", "\\u0000", "\\\\", "\u00e4"), StringLengthMax / 6));
        var member = Pick("label", "tunnel", "onDeath", "probe", huge);
        return HostileRequest.WithBody("huge string", Begin, $$"""{"{{member}}":"{{huge}}",{{Poison}}}""");
    }

    public HostileRequest TwiceTheSame()
    {
        var (good, bad) = ("\"label\":\"a\"", "\"label\":\"b\"");
        return Pick(0, 1, 2) switch
        {
            0 => HostileRequest.WithBody("twice the same", Begin, $$"""{{{good}},{{bad}}}"""),
            1 => HostileRequest.WithBody("twice the same", "/v1/restore", """{"dryRun":true,"dryRun":false}"""),
            _ => HostileRequest.WithBody("twice the same", Begin, $$"""{{{good}},"ownerPid":1,"ownerPid":null}"""),
        };
    }

    public HostileRequest Text() =>
        HostileRequest.WithBody(
            "text",
            Begin,
            Encoding.Latin1.GetBytes(
                chance.Next(2) == 0
                    ? $$"""{"label":"{{Pick(Labels)}}","onDeath":"explode"}"""
                    : $$"""{"tunnel":"{{Pick(Tunnels)}}","onDrift":"explode"}"""
            )
        );

    public HostileRequest BadRoutes()
    {
        var some = string.Join(',', Enumerable.Range(0, chance.Next(1, 50)).Select(_ => $"\"{Pick(Routes)}\""));
        return HostileRequest.WithBody("routes", Up(session), $$"""{"routes":[{{some}}]}""");
    }

    public HostileRequest ManyRoutes()
    {
        var one = Pick("null", "\"\"", "\"10.0.0.0/8 dev phys0\"");
        var many = string.Join(',', Enumerable.Repeat(one, RoutesMax + 1 + chance.Next(1000)));
        return HostileRequest.WithBody("too many routes", Up(session), $$"""{"routes":[{{many}}]}""");
    }

    public HostileRequest Large()
    {
        var (target, max) = chance.Next(8) == 0 ? (Up("nobody"), UpBodyBytesMax) : (Begin, BodyBytesMax);
        var large = new string(' ', max + chance.Next(1, max));
        return HostileRequest.WithBody("body too large", target, $$"""{"label":"a",{{large}}{{Poison}}}""");
    }

    public HostileRequest ContentType()
    {
        var type = Pick(
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/json; charset=utf-16",
            "application/json; charset=\"",
            "",
            "*/*",
            new string('t', 4000)
        );
        var body = Encoding.UTF8.GetBytes($$"""{"label":"a",{{Poison}}}""");
        return HostileRequest.WithBody("content type", Begin, body, type);
    }

    public HostileRequest Spoiled()
    {
        const int FlipsMax = 2;
        var body = Encoding.UTF8.GetBytes($$"""{"label":"a","tunnel":"tun0","ownerPid":null,{{Poison}}}""");
        for (var flip = 0; flip < FlipsMax; flip++)
        {
            body[chance.Next(body.Length)] = (byte)chance.Next(256);
        }

        return HostileRequest.WithBody("JSON spoiled", Begin, body);
    }

    public HostileRequest NoBodyWanted() =>
        HostileRequest.Of(
            "body of a GET",
            string.Create(
                CultureInfo.InvariantCulture,
                $"GET {Pick("/v1/status", "/v1/plan", "/health", "/v1/sessions")} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}"
            )
        );

    private static string Up(string id) => $"/v1/sessions/{id}/up";

    private T Pick<T>(params T[] all) => all[chance.Next(all.Length)];
}
