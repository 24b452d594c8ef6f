using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Storage;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Demo;

/// <summary>What the demo tells, act by act, with the real kernel's table after each.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DemoStory(DemoStage stage, string directory, TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan RestoreMax = TimeSpan.FromSeconds(5);

    public int Play()
    {
        var before = Show("Before the VPN");

        using (var vpn = StartVpn())
        {
            using (var guard = OpenGuard())
            {
                guard.Start();
                var session = Begin(guard, vpn);
                Tell($"Session {session.Id}: the baseline is on disk before the VPN runs.");
                Connect(vpn);
                guard.Up(session.Id, new("tun0"));
                Show("VPN up: the four steps");
            }

            Tell("The guard is stopped, and the VPN is killed with SIGKILL. Nobody watches.");
            Kill(vpn);
            Show("Killed: the tunnel is gone, the default is not what it was, and the rest is left over");
        }

        using (var guard = OpenGuard())
        {
            guard.Load();
            var report = guard.Restore(null, isDryRun: false);
            Tell(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"routeguard restore: {report.StepsTotal} steps from the stored baseline."
                )
            );
            foreach (var step in report.Steps)
            {
                Tell($"  {step.Step}\n    because it {step.Reason}");
            }
        }

        var restored = Show("Restored");
        var again = PlayWatched();
        var isSame = Lines(before) == Lines(restored) && Lines(before) == Lines(again);
        Tell(isSame ? "All three tables are the same." : "The tables differ: this is a fault of RouteGuard.");
        return isSame ? ExitCode.Done : ExitCode.Failed;
    }

    private RouteTable PlayWatched()
    {
        Tell("Once more, with the guard awake: the VPN comes up and is killed; no command is typed.");
        using var vpn = StartVpn();
        using var guard = OpenGuard();
        guard.Start();
        var session = Begin(guard, vpn);
        Connect(vpn);
        guard.Up(session.Id, new("tun0"));
        guard.RunOnce(TimeSpan.Zero);
        Kill(vpn);
        var start = time.GetTimestamp();
        while (guard.Sessions.Count > 0 && time.GetElapsedTime(start) < RestoreMax)
        {
            guard.RunOnce(TimeSpan.FromMilliseconds(100));
        }

        var report = guard.Status().LastRestore;
        return Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Restored by itself, {report?.Took.TotalMilliseconds ?? 0:0.0} ms after the kernel said that {report?.Cause ?? "nothing"}"
            )
        );
    }

    private static Session Begin(Guard guard, Process vpn) =>
        guard.Begin(new("demo", vpn.Id, "tun0", DeathPolicy.Restore, 0));

    private Guard OpenGuard()
    {
        var state = StateDirectory.Open(Path.Combine(directory, "state"));
        var platform = LinuxPlatform.Open(Path.Combine(directory, "resolv.conf"));
        var journal = new JournalFile(state);
        return new(
            new(
                platform.Kernel,
                platform.Events,
                platform.Machine,
                new StateStore(state),
                journal,
                platform.Dns,
                NoLiveTruth.Instance
            ),
            new(),
            time,
            Random.Shared,
            [journal, state]
        );
    }

    private static Process StartVpn()
    {
        var start = new ProcessStartInfo(OwnProgram.Words[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var word in OwnProgram.Words.Skip(1).Append(DemoCommand.VpnName))
        {
            start.ArgumentList.Add(word);
        }

        OwnProgram.CleanEnvironment(start);
        return Process.Start(start)!;
    }

    private static void Connect(Process vpn)
    {
        vpn.StandardInput.WriteLine("go");
        vpn.StandardInput.Flush();
        if (vpn.StandardOutput.ReadLine() != DemoVpn.Ready)
        {
            throw new CommandException(ExitCode.Failed, "Cannot play the demo: its VPN did not come up.");
        }
    }

    private static void Kill(Process vpn)
    {
        vpn.Kill();
        vpn.WaitForExit();
    }

    private RouteTable Show(string title)
    {
        var table = stage.Kernel.Read();
        output.WriteLine();
        output.WriteLine($"== {title}");
        output.WriteLine(Lines(table));
        output.WriteLine();
        return table;
    }

    private void Tell(string sentence) => output.WriteLine(sentence);

    // What a person reads: the main table, without the kernel's own link-local and multicast entries.
    private static string Lines(RouteTable table) =>
        string.Join(
            '\n',
            table
                .Routes.Where(route =>
                    route.Table == Route.TableMain
                    && !route.Destination.Address.IsLinkLocal
                    && !route.Destination.Address.IsMulticast
                )
                .Select(route => $"   {RouteText.Print(route, table.Names)}")
        );
}
