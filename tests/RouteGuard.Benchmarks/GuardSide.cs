using System.Diagnostics;
using System.Text.Json;

namespace RouteGuard.Benchmarks;

/// <summary>RouteGuard's daemon, spoken to by its command line as a VPN's hooks do.</summary>
internal sealed class GuardSide : IDisposable
{
    private const int LooksMax = 500;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly Lab _lab;
    private readonly Process _daemon;

    /// <param name="lab">Names the executable.</param>
    public GuardSide(Lab lab)
    {
        _lab = lab;
        string[] shell = ["-c", "exec \"$@\" 2>\"$0\"", lab.Work("daemon.log"), .. lab.Guard("daemon")];
        _daemon = Process.Start(new ProcessStartInfo("/bin/sh", shell) { UseShellExecute = false })!;
        LookUntil(() => OpenSessions() == 0, "the daemon answers");
    }

    public string Begin(int vpn) =>
        Programs
            .Run(_lab.Guard("session", "begin", "--label", "bench", "--pid", $"{vpn}", "--tunnel", Lab.Tunnel))
            .Trim();

    public void Up(string session) => Programs.Run(_lab.Guard("session", "up", session));

    /// <summary>Waits until the restore of the last session is verified and closed.</summary>
    public void WaitClosed() => LookUntil(() => OpenSessions() == 0, "the session is closed");

    public void Dispose()
    {
        Kernel.Kill(_daemon.Id);
        _daemon.WaitForExit();
        _daemon.Dispose();
    }

    // Null while the daemon does not answer.
    private int? OpenSessions()
    {
        using var status = Process.Start(
            new ProcessStartInfo(_lab.RouteGuard!, _lab.Guard("status", "--json")[1..])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = status.StandardError.ReadToEndAsync();
        var output = status.StandardOutput.ReadToEnd();
        status.WaitForExit();
        _ = errors.Result;
        if (!output.StartsWith('{'))
        {
            return null;
        }

        using var document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("sessions").GetArrayLength();
    }

    private static void LookUntil(Func<bool> holds, string what)
    {
        for (var look = 0; look < LooksMax; look++)
        {
            if (holds())
            {
                return;
            }

            Thread.Sleep(BetweenLooks);
        }

        throw new TimeoutException($"It never came about that {what}.");
    }
}
