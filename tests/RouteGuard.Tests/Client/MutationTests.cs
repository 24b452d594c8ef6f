using System.Text;
using RouteGuard.Client;

namespace RouteGuard.Tests.Client;

/// <summary>Good answers with some bytes changed: a value or a refusal, and nothing else, and in time.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Seed = 20261123;
    private const int CasesMax = 2000;
    private const int ChangesMax = 3;

    /// <summary>Events that are listened to.</summary>
    private const int EventsMax = 1;

    private static readonly ClientBounds Bounds = new()
    {
        AnswerMax = TimeSpan.FromSeconds(2),
        AnswerBytesMax = 20_000,
        TableBytesMax = 20_000,
        HeaderBytesMax = 4096,
        EventBytesMax = 2000,
        SilenceMax = TimeSpan.FromSeconds(1),
        FollowEvery = TimeSpan.Zero,
        FollowsMax = 3,
        ReconnectWait = TimeSpan.FromMilliseconds(1),
        ReconnectWaitMin = TimeSpan.FromMilliseconds(1),
        ReconnectWaitMax = TimeSpan.FromMilliseconds(1),
        ReconnectsMax = 1,
    };

    private static readonly (string Name, string Answer, Func<RouteGuardClient, Task> Ask)[] Questions =
    [
        (
            "a table",
            Json(
                200,
                """{"at":"2026-11-23T12:00:00Z","routes":["198.51.100.0/24 dev tun0"],"rules":[],"interfaces":["1 lo up"]}"""
            ),
            client => client.RoutesAsync()
        ),
        (
            "a table until the end",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
                + """{"at":"2026-11-23T12:00:00Z","routes":["198.51.100.0/24 dev tun0"],"rules":[],"interfaces":["1 lo up"]}""",
            client => client.RoutesAsync()
        ),
        (
            "health in chunks",
            "HTTP/1.1 503 X\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "11\r\n{\"alive\":false,\"l\r\n17\r\nastTurnAgeSeconds\":9.5}\r\n0\r\n\r\n",
            client => client.AliveAsync()
        ),
        (
            "a refusal",
            "HTTP/1.1 429 X\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n\r\n"
                + """{"type":"about:blank","title":"X","status":429,"detail":"Cannot X: Y."}""",
            client => client.SessionsAsync()
        ),
        (
            "an operation",
            Json(202, """{"operation":"7","state":"running","progress":{"stepsDone":1,"stepsTotal":2,"pass":1}}""")
                .Replace("\r\n\r\n", "\r\nLocation: /v1/operations/7\r\n\r\n", StringComparison.Ordinal),
            client => client.SnapshotAsync()
        ),
        (
            "events",
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\nretry: 1\nid: 7-0\n\n"
                + "id: 7-1\nevent: verdict\ndata: {\"at\":\"2026-11-23T12:00:00Z\",\"kind\":\"verdict\",\"text\":\"ok\"}\n\n: x\n\n",
            ListenAsync
        ),
    ];

    [Fact]
    public async Task Without_a_change_they_are_good()
    {
        List<string> values = [];
        foreach (var (name, good, ask) in Questions)
        {
            await using var server = HostileServer.Saying(good);
            using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
            try
            {
                await ask(client);
                values.Add(name);
            }
            catch (RouteGuardException refused)
            {
                // One has no end in this server, the other is to be one.
                Assert.Matches("^Cannot (X|wait for the daemon)", refused.Message);
            }
        }

        Assert.Equal(["a table", "a table until the end", "health in chunks", "events"], values);
    }

    [Fact]
    public async Task Whatever_is_changed_in_an_answer_there_is_a_value_or_a_refusal()
    {
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var answer = Array.Empty<byte>();
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Volatile.Read(ref answer));
            return false;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var (cases, values, refusals) = (0, 0, 0);
        for (; cases < CasesMax; cases++)
        {
            var (name, good, ask) = Questions[cases % Questions.Length];
            Volatile.Write(ref answer, Changed(Encoding.Latin1.GetBytes(good), random));
            try
            {
                await ask(client).WaitAsync(TimeSpan.FromSeconds(30));
                values++;
            }
            catch (RouteGuardException)
            {
                refusals++;
            }
            catch (Exception other) when (other is not OutOfMemoryException)
            {
                Assert.Fail($"case {cases}, {name}: {other}\n{Encoding.Latin1.GetString(answer)}");
            }
        }

        output.WriteLine($"{cases} cases: {values} values, {refusals} refusals");
        Assert.Equal(CasesMax, values + refusals);
        Assert.InRange(values, CasesMax / 40, CasesMax);
        Assert.InRange(refusals, CasesMax / 10, CasesMax);
    }

    private static async Task ListenAsync(RouteGuardClient client)
    {
        var heard = 0;
        await foreach (var one in client.EventsAsync())
        {
            Assert.NotNull(one.Happened.Kind);
            if (++heard == EventsMax)
            {
                return;
            }
        }
    }

    private static byte[] Changed(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        var changes = random.Next(1, ChangesMax + 1);
        for (var change = 0; change < changes && bytes.Count > 0; change++)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(0, random.Next(at + 1)));
                    break;
                case 4 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    bytes.Insert(at, "\r\n:0{}[]\",9"u8[random.Next(11)]);
                    break;
                default:
                    bytes[at] = (byte)('0' + random.Next(10));
                    break;
            }
        }

        return [.. bytes];
    }

    private static string Json(int status, string body) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
}
