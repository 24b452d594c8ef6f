using System.CommandLine;
using System.Runtime.InteropServices;
using RouteGuard.Core.Api;
using RouteGuard.Core.Routes;
using RouteGuard.Manual;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard status</c></summary>
internal static class StatusCommands
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    // One address in each half of a family: a VPN may take the halves and leave the default where it is.
    private static readonly IpAddress[] Probes =
    [
        IpAddress.Parse("1.0.0.1"),
        IpAddress.Parse("128.0.0.1"),
        IpAddress.Parse("2000::1"),
        IpAddress.Parse("8000::1"),
    ];

    public static Command MakeStatus(CommandLine line)
    {
        var watch = new Option<bool>("--watch") { Description = "Again every second, until it is stopped." };
        var command = new Command("status", "One screen: verdict, ways out, sessions, drift, the last restore.")
        {
            watch,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                while (true)
                {
                    var status = await client.GetAsync("/v1/status", ApiJson.Default.StatusView, stop);
                    if (parsed.GetValue(watch) && line.Screen.IsTerminal)
                    {
                        // Home, and clear what is below: the screen is ours, and nothing of it comes from outside.
                        await line.Out.WriteAsync("\e[H\e[J");
                    }

                    line.Print(parsed, status, ApiJson.Default.StatusView, shown => Text(line, shown));
                    await line.Out.FlushAsync(stop);
                    if (!parsed.GetValue(watch))
                    {
                        return status.Verdict == "contested" ? ExitCode.Contested : ExitCode.Done;
                    }

                    await Task.Delay(WatchEvery, line.Surroundings.Time, stop);
                }
            }
        );
        return command;
    }

    private static string Text(CommandLine line, StatusView status)
    {
        using var kernel = line.Surroundings.OpenKernel();
        var now = kernel.Read();
        var ways = Probes
            .Select(probe => (probe.Family, Way: Lookup.Of(now, probe).Winner))
            .Distinct()
            .Select(one => new WayView(
                one.Family == IpFamily.V4 ? "IPv4" : "IPv6",
                one.Way is { } route ? RouteText.Print(route, now.Names) : null
            ));
        return StatusText.Print(status, [.. ways], line.Surroundings.Time.GetUtcNow(), line.Screen);
    }
}

/// <summary><c>routeguard version</c></summary>
internal static class VersionCommand
{
    private static VersionView Here() =>
        new(
            View.Version,
            OperatingSystem.IsMacOS() ? "macos" : "linux",
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            JsonAnswers.Version
        );

    public static Command Make(CommandLine line)
    {
        var command = new Command("version", "Prints the version.");
        line.Handle(
            command,
            (parsed, _) =>
            {
                line.Print(parsed, Here(), CliJson.Default.VersionView, here => here.Version);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }
}
