using System.Diagnostics;
using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Demo;

/// <summary>A throwaway network namespace with one uplink, on the real kernel.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NamespaceStage : IDemoStage
{
    /// <summary>unshare(1) of util-linux, by its full path: nobody's PATH decides what runs here.</summary>
    private const string UnsharePath = "/usr/bin/unshare";

    private const string TruePath = "/usr/bin/true";

    private static readonly TimeSpan TrialMax = TimeSpan.FromSeconds(5);

    // What a kernel puts into every new namespace by itself.
    private static readonly string[] KernelsOwn =
    [
        "sit",
        "ip6tnl",
        "ipip",
        "gre",
        "gretap",
        "erspan",
        "ip_vti",
        "ip6_vti",
        "ip6gre",
    ];

    private readonly string _directory;
    private readonly LinuxKernelRoutes _kernel;
    private readonly TunDevice _uplink;

    private NamespaceStage(string directory, LinuxKernelRoutes kernel, TunDevice uplink) =>
        (_directory, _kernel, _uplink) = (directory, kernel, uplink);

    public string Where =>
        "It plays on the real kernel, in a network namespace that is thrown away afterwards. Your own routes are out of reach.";

    public IKernelRoutes Kernel => _kernel;

    /// <summary>Runs a command of ours in new namespaces: of users too, unless we are root already.</summary>
    /// <returns>The exit code of the command, or null when namespaces are not to be had.</returns>
    public static async Task<int?> RunInsideAsync(string hiddenCommand, CancellationToken stop)
    {
        if (!File.Exists(UnsharePath) || !await AreToBeHadAsync(stop))
        {
            return null;
        }

        using var inside = Process.Start(Unshare([.. OwnProgram.Words, hiddenCommand]))!;
        await inside.WaitForExitAsync(stop);
        return inside.ExitCode == DemoCommand.NoStage ? null : inside.ExitCode;
    }

    /// <summary>Sets the stage. Refuses a namespace that is not empty: it could be the host's.</summary>
    public static NamespaceStage Set(string directory)
    {
        var kernel = new LinuxKernelRoutes();
        var links = kernel.Read().Links;
        if (links.Any(link => !link.IsLoopback && !KernelsOwn.Contains(link.Kind, StringComparer.Ordinal)))
        {
            kernel.Dispose();
            throw new CommandException(
                ExitCode.Failed,
                "Cannot play the demo: this network namespace is in use. Run routeguard demo."
            );
        }

        var uplink = TunDevice.Open(DemoSteps.Uplink, isTap: true);
        using (var setup = new LinuxLinkSetup())
        {
            setup.SetUp(links.First(link => link.IsLoopback).Index);
            foreach (var address in DemoSteps.UplinkAddresses)
            {
                setup.AddAddress(uplink.Index, address);
            }

            setup.SetUp(uplink.Index);
        }

        DemoSteps.Apply(kernel, DemoSteps.Baseline(kernel.Read().Names));
        return new(directory, kernel, uplink);
    }

    public DemoPorts Open()
    {
        var platform = LinuxPlatform.Open(Path.Combine(_directory, "resolv.conf"));
        return new(platform.Kernel, platform.Events, platform.Machine, platform.Dns);
    }

    public IDemoVpn StartVpn() => new VpnProcess();

    public void Dispose()
    {
        _kernel.Dispose();
        _uplink.Dispose();
    }

    private static async Task<bool> AreToBeHadAsync(CancellationToken stop)
    {
        var start = Unshare([TruePath]);
        start.RedirectStandardError = true;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bounded.CancelAfter(TrialMax);
        using var trial = Process.Start(start)!;
        await trial.StandardError.ReadToEndAsync(bounded.Token);
        await trial.WaitForExitAsync(bounded.Token);
        return trial.ExitCode == 0;
    }

    private static ProcessStartInfo Unshare(string[] words)
    {
        string[] namespaces = Environment.IsPrivilegedProcess
            ? ["--net", "--mount", "--"]
            : ["--user", "--map-root-user", "--net", "--mount", "--"];
        var start = new ProcessStartInfo(UnsharePath, [.. namespaces, .. words]) { UseShellExecute = false };
        OwnProgram.CleanEnvironment(start);
        return start;
    }

    private sealed class VpnProcess : IDemoVpn
    {
        private readonly Process _process;

        public VpnProcess()
        {
            var words = OwnProgram.Words.Append(DemoCommand.VpnName).ToArray();
            var start = new ProcessStartInfo(words[0], words[1..])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            OwnProgram.CleanEnvironment(start);
            _process = Process.Start(start)!;
        }

        public int Pid => _process.Id;

        public void Connect()
        {
            _process.StandardInput.WriteLine("go");
            _process.StandardInput.Flush();
            if (_process.StandardOutput.ReadLine() != DemoVpn.Ready)
            {
                throw new CommandException(ExitCode.Failed, "Cannot play the demo: its VPN did not come up.");
            }
        }

        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        // It ends by itself when its input does.
        public void Dispose() => _process.Dispose();
    }
}
