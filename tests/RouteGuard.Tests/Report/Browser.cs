using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RouteGuard.Report;

namespace RouteGuard.Tests.Report;

/// <summary>The page of the fixed story as Chromium shows it. It is started three times in all.</summary>
public sealed class Browser : IDisposable
{
    private const string Program = "chromium";
    private const int WidthPixels = 1280;
    private const int HeightPixels = 1600;
    private const int TelephonePixels = 400;

    /// <summary>A start takes a second; on a busy machine some.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(90);

    // No sandbox, for this is often root in a container; nothing is asked of any network.
    private static readonly string[] Always =
    [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--force-color-profile=srgb",
    ];

    // Two frames that show the page as a wide and as a narrow window would, and what is measured in them.
    private const string Frames = """
        <!doctype html><body style="margin:0">
        <iframe id="wide" src="report.html" style="border:0;width:1280px;height:1600px"></iframe>
        <iframe id="narrow" src="report.html" style="border:0;width:400px;height:1600px"></iframe>
        <script>
        addEventListener("load", () => {
          const look = (id) => {
            const frame = document.getElementById(id), inside = frame.contentDocument;
            const box = (one) => one.getBoundingClientRect();
            const seen = [...inside.querySelectorAll("svg[role=img]")].filter(svg => box(svg).width > 0);
            const all = (what) => seen.length ? [...seen[0].querySelectorAll(what)] : [];
            const place = (one) => [box(one).left, box(one).top, box(one).width, box(one).height];
            return {
              width: inside.documentElement.scrollWidth,
              drawings: seen.map(place),
              requests: frame.contentWindow.performance.getEntriesByType("resource").length,
              lanes: all("rect.p").map(one => ({ kind: one.getAttribute("class"), place: place(one) })),
              letters: Math.min(...all("text").map(one => box(one).height)),
              text: inside.body.innerText.length };
          };
          document.body.textContent = JSON.stringify({ wide: look("wide"), narrow: look("narrow") });
        });
        </script></body>
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("browser-").FullName;

    public Browser()
    {
        WhyNot = FindProgram()
            ? null
            : $"Needs {Program}, which is not installed: the page is looked at as a browser shows it.";
        if (WhyNot is null)
        {
            File.WriteAllText(Path.Combine(_folder, "report.html"), ReportPage.Write(StoryWorld.Told()));
            File.WriteAllText(Path.Combine(_folder, "frames.html"), Frames);
            Light = Shoot(isDark: false);
            Dark = Shoot(isDark: true);
            var (dom, log) = Run(["--allow-file-access-from-files", "--dump-dom"], "frames.html");
            Assert.True(dom.Contains("{\"wide\"", StringComparison.Ordinal), $"nothing was measured: {dom}\n{log}");
            using var json = JsonDocument.Parse(
                dom[dom.IndexOf('{', StringComparison.Ordinal)..(dom.LastIndexOf('}') + 1)]
            );
            Wide = Look.Of(json.RootElement.GetProperty("wide"));
            Narrow = Look.Of(json.RootElement.GetProperty("narrow"));
        }
    }

    /// <summary>Why there is nothing to look at; null when there is.</summary>
    public string? WhyNot { get; }

    internal PngImage? Light { get; }

    internal PngImage? Dark { get; }

    internal Look? Wide { get; }

    internal Look? Narrow { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, Program)));

    private PngImage Shoot(bool isDark)
    {
        var picture = Path.Combine(_folder, $"{isDark}.png");
        var (_, log) = Run(
            [
                $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}",
                $"--screenshot={picture}",
                string.Create(CultureInfo.InvariantCulture, $"--window-size={WidthPixels},{HeightPixels}"),
            ],
            "report.html"
        );
        Assert.True(File.Exists(picture), $"{Program} made no picture: {log}");
        return PngImage.Read(File.ReadAllBytes(picture));
    }

    private (string Output, string Log) Run(string[] options, string page)
    {
        var start = new ProcessStartInfo(Program)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var profile = $"--user-data-dir={Path.Combine(_folder, "profile")}";
        foreach (var word in (string[])[.. Always, profile, .. options, $"file://{Path.Combine(_folder, page)}"])
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var log = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(StartMax))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Program} did not end within {StartMax.TotalSeconds} s.");
        }

        return (output.GetAwaiter().GetResult(), log.GetAwaiter().GetResult());
    }

    /// <summary>What was measured in one frame.</summary>
    /// <param name="ScrollWidth">How wide the page wants to be.</param>
    /// <param name="Drawings">The drawings that are shown.</param>
    /// <param name="Requests">Files that the page asked for.</param>
    /// <param name="Lanes">Spans of the first drawing.</param>
    /// <param name="LetterHeight">Of its smallest text.</param>
    /// <param name="TextLength">Letters that are shown.</param>
    internal sealed record Look(
        double ScrollWidth,
        IReadOnlyList<Box> Drawings,
        int Requests,
        IReadOnlyList<(string Kind, Box Place)> Lanes,
        double LetterHeight,
        int TextLength
    )
    {
        public static int WideWindow => WidthPixels;

        public static int NarrowWindow => TelephonePixels;

        public static Look Of(JsonElement look) =>
            new(
                look.GetProperty("width").GetDouble(),
                [.. look.GetProperty("drawings").EnumerateArray().Select(Box.Of)],
                look.GetProperty("requests").GetInt32(),
                [
                    .. look.GetProperty("lanes")
                        .EnumerateArray()
                        .Select(one => (one.GetProperty("kind").GetString()!, Box.Of(one.GetProperty("place")))),
                ],
                look.GetProperty("letters").GetDouble(),
                look.GetProperty("text").GetInt32()
            );
    }

    /// <summary>A place on the page, in pixels.</summary>
    internal sealed record Box(double Left, double Top, double Width, double Height)
    {
        public double Right => Left + Width;

        public static Box Of(JsonElement place) =>
            new(place[0].GetDouble(), place[1].GetDouble(), place[2].GetDouble(), place[3].GetDouble());
    }
}
