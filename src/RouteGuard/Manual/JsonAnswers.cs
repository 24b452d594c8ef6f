using System.CommandLine;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Manual;

/// <summary>The shape of what some commands answer with <c>--json</c>.</summary>
/// <param name="Name">Of the schema.</param>
/// <param name="Type">How it is written.</param>
/// <param name="Commands">Paths of the commands that answer so.</param>
internal sealed record JsonAnswer(string Name, JsonTypeInfo Type, params IReadOnlyList<string> Commands);

/// <summary>Which command answers in JSON, and by which schema. A command that is not here has no such
/// answer.</summary>
/// <remarks>
/// The schemas lie in Schemas/, made from the types by a test, and are part of the program. Members are only ever
/// added. Taking one back, or another type for it, asks for the next <see cref="Version"/>.
/// </remarks>
internal static class JsonAnswers
{
    /// <summary>Of all schemas together.</summary>
    public const int Version = 1;

    public static IReadOnlyList<JsonAnswer> All { get; } =
    [
        new(
            "session",
            ApiJson.Default.SessionView,
            "session begin",
            "session up",
            "session heartbeat",
            "session confirm",
            "session show"
        ),
        new("sessions", ApiJson.Default.IReadOnlyListSessionView, "session list"),
        new("report", ApiJson.Default.ReportView, "session end", "plan", "restore"),
        new("table", ApiJson.Default.TableView, "snapshot"),
        new("status", ApiJson.Default.StatusView, "status"),
        new("routes", CliJson.Default.RoutesView, "routes"),
        new("why", CliJson.Default.WhyView, "why"),
        new("diff", CliJson.Default.DiffView, "diff"),
        new("blame", CliJson.Default.BlameView, "blame"),
        new("watch", CliJson.Default.WatchView, "watch"),
        new("history", ApiJson.Default.HistoryView, "history"),
        new("doctor", CliJson.Default.DoctorView, "doctor"),
        new("version", CliJson.Default.VersionView, "version"),
    ];

    /// <param name="name">The path of a command, or the name of a schema.</param>
    public static JsonAnswer? Of(string name) => OfCommand(name) ?? All.FirstOrDefault(answer => answer.Name == name);

    /// <returns>Null for a command that answers in words alone.</returns>
    public static JsonAnswer? OfCommand(string path) =>
        All.FirstOrDefault(answer => answer.Commands.Contains(path, StringComparer.Ordinal));

    /// <summary>The schema's text, as it lies in the program.</summary>
    public static string SchemaOf(JsonAnswer answer)
    {
        var name = $"schemas/{answer.Name}.schema.json";
        using var file =
            typeof(JsonAnswers).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the program.");
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd();
    }

    /// <summary>A command without an answer in JSON refuses to be asked for one: a script would take text for
    /// it.</summary>
    public static void RefuseElsewhere(RootCommand root, Option<bool> json)
    {
        foreach (var node in CommandTree.Of(root).Where(node => node.Path.Length > 0 && node.Children.Count == 0))
        {
            if (OfCommand(node.Path) is null)
            {
                node.Command.Validators.Add(result =>
                {
                    if (result.GetValue(json))
                    {
                        result.AddError(
                            $"Cannot answer in JSON: {node.Path} has no such answer. Leave out --json, or see routeguard schema."
                        );
                    }
                });
            }
        }
    }
}

/// <summary><c>version --json</c></summary>
/// <param name="Version">Of the program.</param>
/// <param name="System">linux or macos.</param>
/// <param name="Architecture">Such as x64 or arm64.</param>
/// <param name="JsonVersion">Of the schemas of all JSON answers.</param>
internal sealed record VersionView(string Version, string System, string Architecture, int JsonVersion);
