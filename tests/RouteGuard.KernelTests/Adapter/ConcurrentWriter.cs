using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using RouteGuard.KernelTests.Namespaces;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Programs that add and remove routes of both families, between other routes, while a test does something
/// else.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ConcurrentWriter : IDisposable
{
    /// <summary>Whatever becomes of the test, the writer ends by itself.</summary>
    private const int LifeSecondsMax = 60;

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ConcurrentWriter(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>Starts to add so many routes, pause, remove them, pause, and so on.</summary>
    public static ConcurrentWriter Start(NetworkNamespace net, int changesPerBurst, string pauseSeconds)
    {
        var add = new StringBuilder();
        for (var at = 0; at < changesPerBurst / 2; at++)
        {
            add.Append($"route add 10.{90 + (at % 6)}.{at / 6}.128/25 via 192.0.2.1 proto static\n");
            add.Append($"route add 2001:db8:{0x9000 + (at * 3):x}:8000::/49 via 2001:db8:1::1 proto static\n");
        }

        var folder = Directory.CreateTempSubdirectory("rg-writer-");
        File.WriteAllText(Path.Combine(folder.FullName, "add"), add.ToString());
        File.WriteAllText(
            Path.Combine(folder.FullName, "del"),
            add.ToString().Replace("route add", "route del", StringComparison.Ordinal)
        );
        var script =
            $"while ip -batch add && sleep {pauseSeconds} && ip -batch del && sleep {pauseSeconds}; do :; done";
        var process = net.Do(() =>
            Process.Start(
                new ProcessStartInfo("timeout", ["-k", "1", $"{LifeSecondsMax}", "sh", "-c", script])
                {
                    WorkingDirectory = folder.FullName,
                    UseShellExecute = false,
                }
            )!
        );
        return new(process, folder);
    }

    /// <summary>Fails unless it was at work all the time.</summary>
    public void AssertBusy() =>
        Assert.False(_process.HasExited, "The writer ended too early for this test to mean anything.");

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
