using System.Globalization;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Requests whose path, query, id or event number is wrong, and requests that chance has spoiled.</summary>
/// <param name="chance">Seeded.</param>
internal sealed class HostilePaths(Random chance)
{
    private const int MutationsMax = 6;
    private const int RandomBytesMax = 4096;
    private const int PathDepthMax = 2000;

    /// <summary>Each letter is a byte.</summary>
    private static readonly string[] Tricks =
    [
        "..",
        "../..",
        "%2e%2e",
        "%2E%2E%2F%2E%2E%2F",
        "..%2f..%2fetc%2fpasswd",
        "..%5c..%5c",
        "..\\..\\",
        "%252e%252e%252f",
        "....//",
        ".;/",
        "..;/status",
        ";jsessionid=1",
        "%00",
        "nobody%00.json",
        "%0d%0aX-Injected:%20yes",
        "%0a",
        "%c0%af",
        "%c0%ae%c0%ae/",
        "%e0%80%af",
        "%f0%80%80%af",
        "%ff%fe",
        "%ed%a0%80",
        "%u002e",
        "%",
        "%2",
        "%zz",
        "%%32%65",
        "\u00c3\u00a4",
        "\u00ff\u00fe",
        "%ef%bc%8f",
        "%e2%80%ae",
        "~root",
        "$(id)",
        "`id`",
        "'; DROP TABLE sessions; --",
        "{{7*7}}",
        "CON",
        "-1",
        "0",
        "4294967296",
        "99999999999999999999999999",
        "s00000000-000000-00000000",
    ];

    private static readonly string[] Places =
    [
        "/{0}",
        "/v1/{0}",
        "/v1/sessions/{0}",
        "/v1/sessions/{0}/",
        "/v1/sessions/{0}/up",
        "/v1/sessions/nobody/{0}",
        "/v1/operations/{0}",
        "/v1/events/{0}",
        "/{0}/v1/status",
        "/openapi/{0}",
        "/v1//{0}//status",
    ];

    private static readonly string[] EventIds =
    [
        "-1",
        "0-0",
        "1-",
        "-",
        "0--1",
        "1-99999999999999999999",
        "9223372036854775807-9223372036854775807",
        "-9223372036854775808--9223372036854775808",
        "NaN",
        "1e9-1e9",
        "\u00ff",
        "a\tb",
        "../../etc",
        "1-1, 2-2",
        "",
    ];

    /// <summary>Good requests that have no effect, for chance to spoil. None begins a session.</summary>
    private static readonly string[] Good =
    [
        HostileHeads.Status,
        "GET /v1/sessions/nobody HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: a\r\n\r\n",
        "POST /v1/sessions/nobody/up HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n"
            + """{"tunnel":"tun0","confirmSeconds":600}""",
        "POST /v1/sessions/nobody/up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "DELETE /v1/sessions/nobody HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ];

    public HostileRequest Path() =>
        HostileRequest.Of(
            "path",
            $"{Pick("GET", "GET", "DELETE", "POST")} {Place(Pick(Tricks))} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        );

    public HostileRequest DeepPath()
    {
        var step = Pick("/..", "/.", "/a", "//", "/%2e%2e", "/a/..");
        var deep = string.Concat(Enumerable.Repeat(step, chance.Next(1, PathDepthMax)));
        return HostileRequest.Of("deep path", $"GET {deep}/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    public HostileRequest Query()
    {
        var many = string.Concat(Enumerable.Range(0, chance.Next(1, 300)).Select(at => $"&id[{at}]={Pick(Tricks)}"));
        return HostileRequest.Of(
            "query",
            $"GET /v1/routes?{Pick("id=", "?", "=", "&&&", "id")}{many.Replace(' ', '+')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        );
    }

    public HostileRequest EventId() =>
        HostileRequest.Of(
            "Last-Event-ID",
            $"GET /v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: {Pick(EventIds)}\r\n\r\n"
        );

    public HostileRequest RandomBytes()
    {
        var bytes = new byte[chance.Next(1, RandomBytesMax)];
        chance.NextBytes(bytes);
        return new("random bytes", bytes, Ending.Unsure);
    }

    /// <summary>A good request of which a few bytes are changed, taken out, put in or doubled.</summary>
    public HostileRequest Spoiled()
    {
        var bytes = Encoding.Latin1.GetBytes(Pick(Good)).ToList();
        var mutations = chance.Next(1, MutationsMax);
        for (var mutation = 0; mutation < mutations; mutation++)
        {
            var at = chance.Next(bytes.Count - 1);
            switch (chance.Next(4))
            {
                case 0:
                    bytes[at] = (byte)chance.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(chance.Next(1, 9), bytes.Count - at - 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Enumerable.Range(0, chance.Next(1, 9)).Select(_ => (byte)chance.Next(256)));
                    break;
                default:
                    bytes.InsertRange(at, bytes.Skip(at).Take(chance.Next(1, 40)).ToArray());
                    break;
            }
        }

        return new("spoiled", [.. bytes], Ending.Unsure);
    }

    /// <summary>A good request that ends early; every place comes up in turn.</summary>
    /// <param name="turn">Counts up.</param>
    public static HostileRequest CutShort(int turn)
    {
        var places = Good.Sum(text => text.Length - 1);
        var at = turn % places;
        foreach (var text in Good)
        {
            if (at < text.Length - 1)
            {
                return HostileRequest.Of("cut short", text[..(at + 1)], Ending.Unsure);
            }

            at -= text.Length - 1;
        }

        throw new InvalidOperationException("The place is beyond the last one.");
    }

    public HostileRequest Abandoned()
    {
        var text = Pick(Good);
        return HostileRequest.Of("abandoned", text[..chance.Next(1, text.Length + 1)], Ending.Abandoned);
    }

    /// <summary>The beginning of a request whose end never comes.</summary>
    public static HostileRequest Held(int turn)
    {
        string[] beginnings =
        [
            string.Empty,
            "GET",
            "GET /healthz HTTP/1.1\r\n",
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: ",
            "POST /v1/sessions/nobody/up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{",
            "POST /v1/sessions/nobody/up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        ];
        return HostileRequest.Of("held", beginnings[turn % beginnings.Length], Ending.Held);
    }

    private string Place(string trick) =>
        string.Format(CultureInfo.InvariantCulture, Pick(Places), trick.Replace(' ', '+'));

    private T Pick<T>(params T[] all) => all[chance.Next(all.Length)];
}
