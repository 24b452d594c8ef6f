using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>One answer on the wire.</summary>
/// <param name="Status">The number of its first line.</param>
/// <param name="Body">As far as it came; without the frames of chunks.</param>
/// <param name="IsWhole">All of it came.</param>
internal sealed record WireAnswer(int Status, string Body, bool IsWhole);

/// <summary>Reads a row of HTTP/1.1 answers as RFC 9112 frames them, and nothing else.</summary>
internal static class HttpWire
{
    private const int InterimMax = 199;
    private const int LineBytes = 2;

    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    /// <summary>All answers in these bytes; the last one may be cut.</summary>
    /// <param name="bytes">What came so far.</param>
    /// <param name="isOver">No more will come.</param>
    /// <param name="answers">Those that are there.</param>
    /// <returns>False when something in there is no HTTP.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool isOver, out IReadOnlyList<WireAnswer> answers)
    {
        List<WireAnswer> all = [];
        answers = all;
        while (!bytes.IsEmpty)
        {
            var headLength = bytes.IndexOf(HeadEnd);
            if (headLength < 0)
            {
                // A head that is not whole yet begins like one.
                var start = "HTTP/1.1 "u8;
                return bytes.StartsWith(start[..Math.Min(start.Length, bytes.Length)]);
            }

            var head = Encoding.Latin1.GetString(bytes[..headLength]);
            if (!TryReadStatus(head, out var status))
            {
                return false;
            }

            bytes = bytes[(headLength + HeadEnd.Length)..];
            if (!TryReadBody(head, status, bytes, isOver, out var answer, out var used))
            {
                return false;
            }

            all.Add(answer);
            bytes = bytes[used..];
        }

        return true;
    }

    private static bool TryReadStatus(string head, out int status)
    {
        const string Version = "HTTP/1.1 ";
        status = 0;
        return head.StartsWith(Version, StringComparison.Ordinal)
            && head.Length >= Version.Length + 3
            && int.TryParse(
                head.AsSpan(Version.Length, 3),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out status
            );
    }

    private static bool TryReadBody(
        string head,
        int status,
        ReadOnlySpan<byte> bytes,
        bool isOver,
        [NotNullWhen(true)] out WireAnswer? answer,
        out int used
    )
    {
        if (status <= InterimMax || status is 204 or 304)
        {
            (answer, used) = (new(status, string.Empty, IsWhole: true), 0);
            return true;
        }

        if (Header(head, "Transfer-Encoding") == "chunked")
        {
            return TryReadChunks(status, bytes, out answer, out used);
        }

        var length = Header(head, "Content-Length") is { } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : (int?)null;
        used = Math.Min(length ?? bytes.Length, bytes.Length);
        answer = new(status, Encoding.UTF8.GetString(bytes[..used]), length is { } wanted ? used == wanted : isOver);
        return true;
    }

    private static bool TryReadChunks(
        int status,
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out WireAnswer? answer,
        out int used
    )
    {
        var body = new StringBuilder();
        var all = bytes.Length;
        while (true)
        {
            var line = bytes.IndexOf("\r\n"u8);
            if (line < 0)
            {
                (answer, used) = (new(status, body.ToString(), IsWhole: false), all);
                return true;
            }

            if (!int.TryParse(bytes[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size))
            {
                (answer, used) = (null, 0);
                return false;
            }

            var wanted = line + LineBytes + size + LineBytes;
            var data = bytes[(line + LineBytes)..Math.Min(line + LineBytes + size, bytes.Length)];
            body.Append(Encoding.UTF8.GetString(data));
            if (bytes.Length < wanted || size == 0)
            {
                var isWhole = bytes.Length >= wanted;
                (answer, used) = (new(status, body.ToString(), isWhole), isWhole ? all - bytes.Length + wanted : all);
                return true;
            }

            bytes = bytes[wanted..];
        }
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n")
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .FirstOrDefault(pair => string.Equals(pair[0], name, StringComparison.OrdinalIgnoreCase))
            is [_, var value]
            ? value
            : null;
}
