using System.CommandLine;
using System.Runtime.Versioning;
using RouteGuard.Demo;

namespace RouteGuard.Commands;

/// <summary><c>routeguard demo</c>, and its two hidden halves: the story inside the namespace, and the VPN.</summary>
internal static class DemoCommand
{
    public const string InsideName = "demo-inside";
    public const string VpnName = "demo-vpn";

    public static Command Make(CommandLine line)
    {
        var command = new Command(
            "demo",
            "Shows the whole story in seconds, without root or risk, in a throwaway network namespace."
        );
        line.Handle(
            command,
            async (_, stop) =>
            {
                if (!IsLinux)
                {
                    throw Elsewhere();
                }

                return await DemoStage.RunInsideAsync(InsideName, line.Surroundings.Error, stop)
                    ?? ExitCode.NotPermitted;
            }
        );
        return command;
    }

    public static Command MakeInside(CommandLine line)
    {
        var command = new Command(InsideName) { Hidden = true };
        line.Handle(
            command,
            (_, _) =>
            {
                if (!IsLinux)
                {
                    throw Elsewhere();
                }

                var directory = Directory.CreateTempSubdirectory("routeguard-demo-");
                try
                {
                    using var stage = DemoStage.Set();
                    return Task.FromResult(
                        new DemoStory(stage, directory.FullName, line.Out, line.Surroundings.Time).Play()
                    );
                }
                finally
                {
                    directory.Delete(recursive: true);
                }
            }
        );
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

    [SupportedOSPlatformGuard("linux")]
    private static bool IsLinux => OperatingSystem.IsLinux();

    private static CommandException Elsewhere() =>
        new(ExitCode.Failed, "Cannot play the demo: it needs a Linux kernel for now. See the README.");
}
