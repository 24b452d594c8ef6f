using System.Diagnostics;
using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Demo;

/// <summary>A throwaway network namespace with one uplink, on the real kernel.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DemoStage : IDisposable
{
    /// <summary>unshare(1) of util-linux, by its full path: nobody's PATH decides what runs here.</summary>
    private const string UnsharePath = "/usr/bin/unshare";

    private static readonly string[] Baseline =
    [
        "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100",
        "198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50",
        "::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100",
    ];

    private readonly TunDevice _uplink;

    private DemoStage(TunDevice uplink, LinuxKernelRoutes kernel)
    {
        _uplink = uplink;
        Kernel = kernel;
    }

    public LinuxKernelRoutes Kernel { get; }

    /// <summary>Runs a command of ours in new namespaces: of users too, unless we are root already.</summary>
    /// <returns>The exit code of the command, or null when namespaces are not to be had.</returns>
    public static async Task<int?> RunInsideAsync(string hiddenCommand, TextWriter error, CancellationToken stop)
    {
        if (!File.Exists(UnsharePath))
        {
            return null;
        }

        var start = new ProcessStartInfo(UnsharePath) { UseShellExecute = false };
        string[] namespaces = Environment.IsPrivilegedProcess
            ? ["--net", "--mount"]
            : ["--user", "--map-root-user", "--net", "--mount"];
        foreach (var word in namespaces.Concat(["--"]).Concat(OwnProgram.Words).Append(hiddenCommand))
        {
            start.ArgumentList.Add(word);
        }

        OwnProgram.CleanEnvironment(start);
        using var inside = Process.Start(start)!;
        await inside.WaitForExitAsync(stop);
        if (inside.ExitCode != ExitCode.Failed)
        {
            return inside.ExitCode;
        }

        await error.WriteLineAsync(
            "The demo needs a network namespace: as root, or where the kernel lets users have their own."
        );
        return null;
    }

    /// <summary>Sets the stage. Refuses a namespace that is not empty: it could be the host's.</summary>
    public static DemoStage Set()
    {
        var kernel = new LinuxKernelRoutes();
        var links = kernel.Read().Links;
        if (
            links.Any(link =>
                !link.IsLoopback
                && link.Kind
                    is not (
                        "sit"
                        or "ip6tnl"
                        or "ipip"
                        or "gre"
                        or "gretap"
                        or "erspan"
                        or "ip_vti"
                        or "ip6_vti"
                        or "ip6gre"
                    )
            )
        )
        {
            kernel.Dispose();
            throw new CommandException(
                ExitCode.Failed,
                "Cannot play the demo: this network namespace is in use. Run routeguard demo."
            );
        }

        var uplink = TunDevice.Open("phys0", isTap: true);
        using (var setup = new LinuxLinkSetup())
        {
            setup.SetUp(links.First(link => link.IsLoopback).Index);
            setup.AddAddress(uplink.Index, new(IpAddress.Parse("192.0.2.10"), 24));
            setup.AddAddress(uplink.Index, new(IpAddress.Parse("2001:db8:1::10"), 64));
            setup.SetUp(uplink.Index);
        }

        var stage = new DemoStage(uplink, kernel);
        stage.Add(Baseline);
        return stage;
    }

    public void Add(params string[] lines)
    {
        var names = Kernel.Read().Names;
        Apply(
            Kernel,
            [
                .. lines.Select(line => new PlanStep.AddRoute(
                    RouteText.Parse(line, names),
                    IsBeside: false,
                    "is part of the demo"
                )),
            ]
        );
    }

    /// <summary>Does steps that the story needs; any refusal ends the demo.</summary>
    public static void Apply(LinuxKernelRoutes kernel, IReadOnlyList<PlanStep> steps)
    {
        var outcomes = kernel.Apply(kernel.Prepare(steps));
        for (var at = 0; at < steps.Count; at++)
        {
            if (outcomes[at].Result == StepResult.Refused)
            {
                throw new CommandException(ExitCode.Failed, $"Cannot play the demo: {steps[at]} was {outcomes[at]}.");
            }
        }
    }

    public void Dispose()
    {
        Kernel.Dispose();
        _uplink.Dispose();
    }
}
