using System.Runtime.InteropServices;
using System.Text.Json;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Tests.Linux;

/// <summary>One command of iproute2 and every message around it. See Captures/Linux/README.md.</summary>
internal sealed record Capture(string Name, string Command, int ReturnCode, InterfaceNames Names, IReadOnlyList<CapturedMessage> Messages)
{
    private static readonly Lazy<IReadOnlyList<Capture>> Loaded = new(
        () => [.. Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(Load)]);

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
            messages);
    }

    private static IEnumerable<CapturedMessage> Read(JsonElement root, string property, bool isRequest) =>
        root.TryGetProperty(property, out var list)
            ? list.EnumerateArray().Select(item => new CapturedMessage(isRequest, Convert.FromHexString(item.GetProperty("hex").GetString()!)))
            : [];

    // What the kernel said about interfaces around this very command is newer than the list of the lab.
    private static InterfaceNames NamesOf(JsonElement root, IReadOnlyList<CapturedMessage> messages)
    {
        var names = root.GetProperty("ifindex").EnumerateObject()
            .Select(entry => KeyValuePair.Create(new InterfaceIndex(entry.Value.GetInt32()), entry.Name))
            .ToList();
        foreach (var message in messages.Where(message => !message.IsRequest && message.Header.Type == NetlinkType.NewLink))
        {
            if (LinkCodec.TryDecode(message.Body, out var link, out _, out _) && link.Name.Length > 0)
            {
                names.RemoveAll(known => known.Value == link.Name);
                names.Add(KeyValuePair.Create(link.Index, link.Name));
            }
        }

        return new(names);
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
