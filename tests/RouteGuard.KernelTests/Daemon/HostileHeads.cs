using System.Globalization;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Requests whose lines, headers or frames are wrong. RFC 9112 is what they break.</summary>
/// <param name="chance">Seeded.</param>
internal sealed class HostileHeads(Random chance)
{
    /// <summary>Something that only root and the group may ask for, and that changes nothing.</summary>
    public const string Status = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private const string NoSession = "POST /v1/sessions/nobody/up HTTP/1.1\r\nHost: localhost\r\n";
    private const int HeadBytesMax = 16 * 1024;
    private const int HeadersMax = 50;
    private const int TargetBytesMax = 8 * 1024;

    private static readonly string[] RequestLines =
    [
        "GET",
        "GET ",
        "GET  /v1/status HTTP/1.1",
        "GET /v1/status",
        "GET /v1/status ",
        "GET /v1/status HTTP/1.1 ",
        "GET /v1/status HTTP/1.1 HTTP/1.1",
        "GET\t/v1/status\tHTTP/1.1",
        " GET /v1/status HTTP/1.1",
        "get /v1/status http/1.1",
        "GET /v1/status HTTP/0.9",
        "GET /v1/status HTTP/9.9",
        "GET /v1/status HTTP/2",
        "GET /v1/status HTTP/1.10",
        "GET /v1/status HTTP/-1.1",
        "GET /v1/status HTTP/1,1",
        "GET /v1/status HTTPS/1.1",
        "GET /v1/status ICY/1.1",
        "/v1/status HTTP/1.1",
        "G\0T /v1/status HTTP/1.1",
        "G(T) /v1/status HTTP/1.1",
        "\u00c7ET /v1/status HTTP/1.1",
        "GET /v1/st atus HTTP/1.1",
        ": / HTTP/1.1",
        "HTTP/1.1 200 OK",
        "{}",
    ];

    private static readonly string[] Greetings =
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "EHLO localhost\r\n",
        "\0\0\0\0",
        "l\u0001\0\u0001\0\0\0\0",
        "*1\r\n$4\r\nPING\r\n",
    ];

    private static readonly string[] Lengths =
    [
        "-1",
        "+5",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "0x10",
        "1e3",
        "5,5",
        "5 5",
        "5;",
        "\u00b2",
        "5\0",
        "NaN",
        "five",
        "",
    ];

    private static readonly string[] Codings =
    [
        "gzip",
        "identity",
        "chunked, chunked",
        "chunked, gzip",
        "xchunked",
        "chunked;q=1",
        "chunked\u000b",
        "\u000bchunked",
        "CHUNKED, identity",
        ",",
        "",
        "\"chunked\"",
    ];

    private static readonly string[] Chunks =
    [
        "-1\r\nx\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFF\r\n",
        "7FFFFFFFFFFFFFFF\r\n",
        "80000000\r\n",
        "100000000000000000000\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "G\r\n",
        "\r\n",
        "0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "0\r\n bad trailer\r\n\r\n",
        "0\r\nX\0Y: z\r\n\r\n",
        "1\r\n{\r\n1\r\n}\r\n0;x=\"\r\n\r\n",
    ];

    private static readonly string[] Headers =
    [
        "NoColon",
        ": no name",
        " : space",
        "Na me: x",
        "Name : x",
        "N\u00e4me: x",
        "Name: x\r\n folded: y",
        "Name: x\r\n\tfolded",
        "Name: \0",
        "Name: a\rb",
        "Name: a\u007fb",
        "N\0ame: x",
        "Name: \u0001\u0002\u0003",
        "(Name): x",
        "Name: \u00ff\u00fe",
    ];

    private static readonly string[] Hosts =
    [
        "",
        "Host: \r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a b\r\n",
        "Host: http://localhost/\r\n",
        "Host: localhost:99999999\r\n",
        "Host: [::1\r\n",
        "Host: ../../etc\r\n",
        "Host: user@localhost\r\n",
        "Host: \u00e4\r\n",
        "Host: a\0b\r\n",
        "Host: a,b\r\n",
        "Host : localhost\r\n",
    ];

    private static readonly string[] Targets =
    [
        "http://localhost",
        "http://evil.example/v1/status",
        "http://evil.example:99999/v1/status",
        "http://[::1/v1/status",
        "http:///v1/status",
        "http:/v1/status",
        "file:///etc/passwd",
        "localhost:80",
        "localhost",
        "*",
        "**",
        "?",
        "#",
        "//",
        "//evil.example/v1/status",
        "v1/status",
        "\\v1\\status",
        "/v1/status#fragment",
        "<script>",
    ];

    private static readonly string[] Methods =
    [
        "PUT",
        "PATCH",
        "TRACE",
        "CONNECT",
        "OPTIONS",
        "PROPFIND",
        "X",
        "GETGET",
    ];

    public HostileRequest RequestLine() =>
        HostileRequest.Of("request line", $"{Pick(RequestLines)}\r\nHost: localhost\r\n\r\n", Ending.Unsure);

    public HostileRequest Greeting() => HostileRequest.Of("another protocol", Pick(Greetings), Ending.Unsure);

    public HostileRequest LineEnds()
    {
        var end = Pick("\n", "\r", "\r\r\n", "\n\r", "\0\r\n", "\r\n\r\n", "\u0085", "\v", " \r\n");
        return HostileRequest.Of(
            "line ends",
            Status.Replace("\r\n", chance.Next(2) == 0 ? end : Pick("\r\n", end), StringComparison.Ordinal),
            Ending.Unsure
        );
    }

    public HostileRequest Header() =>
        HostileRequest.Of("header", $"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n{Pick(Headers)}\r\n\r\n");

    public HostileRequest Host() => HostileRequest.Of("Host", $"GET /v1/status HTTP/1.1\r\n{Pick(Hosts)}\r\n");

    public HostileRequest ManyHeaders()
    {
        var count = HeadersMax + chance.Next(1, 500);
        var headers = string.Concat(Enumerable.Range(0, count).Select(at => Invariant($"A{at}: {at}\r\n")));
        return HostileRequest.Of("too many headers", $"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    }

    public HostileRequest LargeHeaders()
    {
        var large = new string('h', HeadBytesMax + chance.Next(80_000));
        var header = chance.Next(2) == 0 ? $"A: {large}" : $"{large}: a";
        return HostileRequest.Of("headers too large", $"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
    }

    public HostileRequest LongTarget()
    {
        var large = new string(Pick('a', '/', '%', '.', '\u00ff'), TargetBytesMax + chance.Next(100_000));
        var target = chance.Next(2) == 0 ? $"/{large}" : $"/healthz?{large}";
        return HostileRequest.Of("target too long", $"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    public HostileRequest Length() =>
        HostileRequest.Of("Content-Length", $"{NoSession}Content-Length: {Pick(Lengths)}\r\n\r\n{{}}", Ending.Unsure);

    public HostileRequest TwoLengths()
    {
        var (one, other) = (chance.Next(0, 60), chance.Next(0, 60));
        var smuggled = "DELETE /v1/sessions/nobody HTTP/1.1\r\nHost: localhost\r\n\r\n";
        var second = chance.Next(2) == 0 ? "Content-Length" : "content-length";
        return HostileRequest.Of(
            "two lengths",
            Invariant($"{NoSession}Content-Length: {one}\r\n{second}: {other}\r\n\r\n{{}}{smuggled}"),
            Ending.Unsure
        );
    }

    public HostileRequest LengthAndChunks()
    {
        string[] both = [Invariant($"Content-Length: {chance.Next(100)}\r\n"), "Transfer-Encoding: chunked\r\n"];
        chance.Shuffle(both);
        var body = "2\r\n{}\r\n0\r\n\r\n" + (chance.Next(2) == 0 ? Status : string.Empty);
        return HostileRequest.Of("length and chunks", $"{NoSession}{both[0]}{both[1]}\r\n{body}", Ending.Unsure);
    }

    public HostileRequest Coding() =>
        HostileRequest.Of(
            "transfer coding",
            $"{NoSession}Transfer-Encoding: {Pick(Codings)}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
            Ending.Unsure
        );

    public HostileRequest ChunkFrame() =>
        HostileRequest.Of("chunks", $"{NoSession}Transfer-Encoding: chunked\r\n\r\n{Pick(Chunks)}", Ending.Unsure);

    public HostileRequest ChunkExtension()
    {
        var extension = new string('e', chance.Next(1, 200_000));
        return HostileRequest.Of(
            "chunk extension",
            $"{NoSession}Transfer-Encoding: chunked\r\n\r\n2;{extension}\r\n{{}}\r\n0;{extension}\r\n\r\n",
            Ending.Unsure
        );
    }

    public HostileRequest ManyChunks()
    {
        var spaces = string.Concat(Enumerable.Repeat("1\r\n \r\n", chance.Next(1, 5_000)));
        return HostileRequest.Of(
            "chunks of one byte",
            $"{NoSession}Transfer-Encoding: chunked\r\n\r\n{spaces}0\r\n\r\n"
        );
    }

    public HostileRequest Target() =>
        HostileRequest.Of(
            "target form",
            $"{Pick("GET", "CONNECT", "OPTIONS")} {Pick(Targets)} HTTP/1.1\r\nHost: a\r\n\r\n"
        );

    public HostileRequest Method() =>
        HostileRequest.Of(
            "method",
            $"{Pick(Methods)} /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        );

    public HostileRequest Upgrade() =>
        HostileRequest.Of(
            "upgrade",
            "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n"
                + Pick(
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n",
                    "Connection: close, Transfer-Encoding, Host\r\n\r\n",
                    "Proxy-Connection: keep-alive\r\nTE: trailers, deflate\r\n\r\n"
                )
        );

    public HostileRequest Expectation() =>
        HostileRequest.Of(
            "expectation",
            $"{NoSession}Expect: {Pick("100-continue", "200-ok", "100-continue, x")}\r\nContent-Length: 9\r\n\r\n",
            Ending.Unsure
        );

    public HostileRequest Pipeline()
    {
        var many = string.Concat(Enumerable.Repeat(Status, chance.Next(1, 20)));
        return HostileRequest.Of(
            "pipeline",
            many + Pick("\0", "GET", "}{\r\n\r\n", "X / HTTP/7.7\r\n\r\n"),
            Ending.Unsure
        );
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private T Pick<T>(params T[] all) => all[chance.Next(all.Length)];
}
