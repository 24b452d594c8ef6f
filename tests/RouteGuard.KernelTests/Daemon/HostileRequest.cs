using System.Globalization;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>How a hostile request comes to its end.</summary>
internal enum Ending
{
    /// <summary>It asks for an answer, and gets one.</summary>
    Answered,

    /// <summary>Whether it is whole, nobody knows: after a little while the sender says that no more comes.</summary>
    Unsure,

    /// <summary>The sender goes away in the middle.</summary>
    Abandoned,

    /// <summary>The sender sends no more and stays: the daemon must be the one that ends it.</summary>
    Held,
}

/// <summary>Bytes that mean harm.</summary>
/// <param name="Kind">What is wrong with them, in a few words.</param>
/// <param name="Bytes">As they are sent.</param>
/// <param name="Ending">What the sender does then.</param>
internal sealed record HostileRequest(string Kind, byte[] Bytes, Ending Ending = Ending.Answered)
{
    /// <summary>Nothing in it may be granted, whoever sends it.</summary>
    public bool MustBeRefused { get; init; }

    /// <summary>A request of which only the bytes between method and body matter.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="text">Each letter is a byte (ISO 8859-1).</param>
    /// <param name="ending">What the sender does then.</param>
    public static HostileRequest Of(string kind, string text, Ending ending = Ending.Answered) =>
        new(kind, Encoding.Latin1.GetBytes(text), ending);

    /// <summary>A request with good frames around a bad body.</summary>
    public static HostileRequest WithBody(string kind, string target, byte[] body, string type = "application/json") =>
        new(
            kind,
            [
                .. Encoding.Latin1.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"
                    )
                ),
                .. body,
            ]
        )
        {
            MustBeRefused = true,
        };

    public static HostileRequest WithBody(string kind, string target, string body) =>
        WithBody(kind, target, Encoding.UTF8.GetBytes(body));
}
