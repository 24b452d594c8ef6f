using System.CommandLine;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Demo;

namespace RouteGuard.Commands;

/// <summary><c>routeguard demo</c>, and its two hidden halves: the story inside the namespace, and the VPN.</summary>
internal static class DemoCommand
{
    public const string InsideName = "demo-inside";
    public const string VpnName = "demo-vpn";

    /// <summary>What the inner half ends with when there is no tap device to be had, or no right to one.</summary>
    public const int NoStage = 75;

    public static Command Make(CommandLine line)
    {
        var isSimulated = new Option<bool>("--simulated")
        {
            Description = "On a kernel in memory; so it is where no namespace is to be had.",
        };
        var command = new Command("demo", "Shows in seconds and without risk how the routes of a killed VPN come back.")
        {
            isSimulated,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
                IsLinux
                && !parsed.GetValue(isSimulated)
                && await NamespaceStage.RunInsideAsync(InsideName, stop) is { } code
                    ? code
                    : Play(line, _ => new SimulatedStage())
        );
        return command;
    }

    public static Command MakeInside(CommandLine line)
    {
        var command = new Command(InsideName) { Hidden = true };
        line.Handle(command, (_, _) => Task.FromResult(IsLinux ? PlayInside(line) : throw Elsewhere()));
        return command;
    }

    public static Command MakeVpn(CommandLine line)
    {
        var command = new Command(VpnName) { Hidden = true };
        line.Handle(
            command,
            (_, _) =>
            {
                if (!IsLinux)
                {
                    throw Elsewhere();
                }

                DemoVpn.Run(Console.In, line.Out);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    // What cannot be set up here is played in memory by whoever started us.
    [SupportedOSPlatform("linux")]
    private static int PlayInside(CommandLine line)
    {
        return Play(line, TrySet);

        static IDemoStage? TrySet(string directory)
        {
            try
            {
                return NamespaceStage.Set(directory);
            }
            catch (KernelRoutesException)
            {
                return null;
            }
        }
    }

    private static int Play(CommandLine line, Func<string, IDemoStage?> set)
    {
        var directory = Directory.CreateTempSubdirectory("routeguard-demo-");
        try
        {
            using var stage = set(directory.FullName);
            return stage is null
                ? NoStage
                : new DemoStory(stage, directory.FullName, line.Out, line.Surroundings.Time).Play();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [SupportedOSPlatformGuard("linux")]
    private static bool IsLinux => OperatingSystem.IsLinux();

    private static CommandException Elsewhere() =>
        new(ExitCode.Failed, "Cannot play the demo: this half of it is for Linux. Run routeguard demo.");
}
