using System.Text.Json;

namespace RouteGuard.Tests.MacOS;

/// <summary>One scenario that was played to the real routing code of XNU. See Captures/Darwin/README.md.</summary>
internal sealed record VectorFile(string Name, string Description, IReadOnlyList<VectorStep> Steps)
{
    private static readonly Lazy<IReadOnlyList<VectorFile>> Loaded = new(() =>
        [
            .. Directory
                .EnumerateFiles(Folder, "*.json")
                .Order(StringComparer.Ordinal)
                .Select(TryLoad)
                .OfType<VectorFile>(),
        ]
    );

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Captures", "Darwin");

    public static IReadOnlyList<VectorFile> All => Loaded.Value;

    /// <summary>The file names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(file => file.Name)];

    public static VectorFile Named(string name) => All.Single(file => file.Name == name);

    /// <summary>True for scenarios whose requests are broken on purpose; broken bytes are broadcast as they
    /// are.</summary>
    public bool IsMalformed => Name.StartsWith("18_", StringComparison.Ordinal);

    private static VectorFile? TryLoad(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        if (!root.TryGetProperty("steps", out var steps))
        {
            return null;
        }

        return new(
            Path.GetFileNameWithoutExtension(path),
            root.GetProperty("description").GetString()!,
            [.. steps.EnumerateArray().Select((step, number) => VectorStep.Read(number, step))]
        );
    }
}

/// <summary>One step of a scenario.</summary>
/// <param name="Number">Its place, from 0.</param>
/// <param name="Kind">route_write, route_read, sysctl, admin, note or info.</param>
/// <param name="Socket">A, B, …; empty where no socket is meant.</param>
/// <param name="Bytes">What was written, read or returned.</param>
/// <param name="Errno">What the system call answered.</param>
/// <param name="Returned">route_write: what write() returned.</param>
/// <param name="Mib">sysctl: the name.</param>
/// <param name="OldLength">sysctl: room for the answer.</param>
/// <param name="IsSizeQuery">sysctl: no room was given at all.</param>
/// <param name="ReturnedLength">sysctl: the length that came back.</param>
/// <param name="Text">The command of an admin step, or the comment.</param>
/// <param name="Result">admin: what the command answered.</param>
/// <param name="Decoded">The reading aids of the capture, one for each message in <paramref name="Bytes"/>.</param>
internal sealed record VectorStep(
    int Number,
    string Kind,
    string Socket,
    byte[] Bytes,
    int Errno,
    long Returned,
    int[] Mib,
    int OldLength,
    bool IsSizeQuery,
    int ReturnedLength,
    string Text,
    string Result,
    IReadOnlyList<JsonElement> Decoded
)
{
    private const int MibOperationAt = 4;

    public bool IsRouteMessage => Kind is "route_write" or "route_read";

    /// <summary>True for a sysctl whose answer is a row of messages: not for counters (4, 5), nor for what was
    /// refused.</summary>
    public bool IsDump =>
        Kind == "sysctl" && Bytes.Length > 0 && Mib.Length > MibOperationAt && Mib[MibOperationAt] is not (4 or 5);

    public static VectorStep Read(int number, JsonElement step) =>
        new(
            number,
            TextOf(step, "op"),
            TextOf(step, "sock"),
            Convert.FromHexString(TextOf(step, "hex")),
            (int)NumberOf(step, "errno"),
            NumberOf(step, "returned"),
            step.TryGetProperty("mib", out var mib) ? [.. mib.EnumerateArray().Select(part => part.GetInt32())] : [],
            (int)NumberOf(step, "oldlen"),
            step.TryGetProperty("oldptr_null", out var isNull) && isNull.GetBoolean(),
            (int)NumberOf(step, "retlen"),
            step.TryGetProperty("cmd", out var command) ? command.GetString()! : TextOf(step, "comment"),
            TextOf(step, "result"),
            ReadDecoded(step)
        );

    private static JsonElement[] ReadDecoded(JsonElement step)
    {
        if (!step.TryGetProperty("decoded", out var decoded))
        {
            return [];
        }

        return decoded.ValueKind switch
        {
            JsonValueKind.Array => [.. decoded.EnumerateArray().Select(item => item.Clone())],
            JsonValueKind.Object => [decoded.Clone()],
            _ => [],
        };
    }

    private static string TextOf(JsonElement step, string property) =>
        step.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : string.Empty;

    private static long NumberOf(JsonElement step, string property) =>
        step.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
}
