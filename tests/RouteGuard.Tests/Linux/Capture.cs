using System.Runtime.InteropServices;
using System.Text.Json;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Tests.Linux;

/// <summary>One command of iproute2 and every message around it. See Captures/Linux/README.md.</summary>
internal sealed record Capture(
    string Name,
    string Command,
    int ReturnCode,
    InterfaceNames Names,
    IReadOnlyList<CapturedMessage> Messages
)
{
    private static readonly Lazy<IReadOnlyList<Capture>> Loaded = new(() =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(Load)]
    );

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Captures", "Linux");

    public static IReadOnlyList<Capture> All => Loaded.Value;

    /// <summary>The file names, for theories.</summary>
    public static TheoryData<string> Files => [.. All.Select(capture => capture.Name)];

    public static Capture Named(string name) => All.Single(capture => capture.Name == name);

    public IEnumerable<CapturedMessage> Requests(ushort type) =>
        Messages.Where(message => message.IsRequest && message.Header.Type == type);

    private static Capture Load(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        CapturedMessage[] messages =
        [
            .. Read(root, "requests", isRequest: true),
            .. Read(root, "replies", isRequest: false),
            .. Read(root, "notifications", isRequest: false),
        ];
        return new(
            Path.GetFileNameWithoutExtension(path),
            root.GetProperty("cmd").GetString()!,
            root.GetProperty("rc").GetInt32(),
            NamesOf(root, messages),
            messages
        );
    }

    private static IEnumerable<CapturedMessage> Read(JsonElement root, string property, bool isRequest) =>
        root.TryGetProperty(property, out var list)
            ? list.EnumerateArray()
                .Select(item => Convert.FromHexString(item.GetProperty("hex").GetString()!))
                .Select(bytes => new CapturedMessage(isRequest, bytes))
            : [];

    // What the kernel said about interfaces around this very command is newer than the list of the lab.
    private static InterfaceNames NamesOf(JsonElement root, IReadOnlyList<CapturedMessage> messages)
    {
        var names = new Dictionary<string, InterfaceIndex>(StringComparer.Ordinal);
        foreach (var entry in root.GetProperty("ifindex").EnumerateObject())
        {
            names[entry.Name] = new(entry.Value.GetInt32());
        }

        var told = messages.Where(message => !message.IsRequest && message.Header.Type == NetlinkType.NewLink);
        foreach (var message in told)
        {
            if (LinkCodec.TryDecode(message.Body, out var link, out _, out _) && link.Name.Length > 0)
            {
                names[link.Name] = link.Index;
            }
        }

        return new(names.Select(name => KeyValuePair.Create(name.Value, name.Key)));
    }
}

/// <summary>One whole message.</summary>
internal sealed record CapturedMessage(bool IsRequest, byte[] Bytes)
{
    public const int HeaderBytes = 16;

    public NetlinkHeader Header => MemoryMarshal.Read<NetlinkHeader>(Bytes);

    public ReadOnlySpan<byte> Body => Bytes.AsSpan(HeaderBytes, (int)Header.LengthBytes - HeaderBytes);

    public string Hex => Convert.ToHexStringLower(Bytes);
}
