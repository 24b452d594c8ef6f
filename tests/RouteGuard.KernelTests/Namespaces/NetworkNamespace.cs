using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using RouteGuard.Platform.Native;

namespace RouteGuard.KernelTests.Namespaces;

/// <summary>An empty network of one's own, and the thread that lives in it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkNamespace : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private LinuxErrno _refusal;

    private NetworkNamespace()
    {
        using var isReady = new ManualResetEventSlim();
        _thread = new Thread(() => Live(isReady)) { IsBackground = true, Name = "network namespace" };
        _thread.Start();
        isReady.Wait();
    }

    /// <summary>Makes a network with nothing but lo, which is up; skips the test, saying why, where that is not
    /// possible.</summary>
    public static NetworkNamespace OpenOrSkip()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs Linux: the test works on a network namespace.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root: the test makes a network namespace.");
        Assert.SkipUnless(File.Exists("/sbin/ip") || File.Exists("/usr/sbin/ip"), "Needs ip(8) of iproute2.");
        var made = new NetworkNamespace();
        if (!made._refusal.IsNone)
        {
            made.Dispose();
            Assert.Skip($"Needs a network namespace: the kernel says {made._refusal} to unshare(2).");
        }

        made.Ip("link set lo up");
        return made;
    }

    /// <summary>Does this on the namespace's thread; exceptions come back.</summary>
    public void Do(Action action) =>
        Do(() =>
        {
            action();
            return true;
        });

    /// <summary>Does this on the namespace's thread; what it returns, or throws, comes back.</summary>
    public T Do<T>(Func<T> function)
    {
        if (Thread.CurrentThread == _thread)
        {
            return function();
        }

        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var isDone = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = function();
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the thread that asked, which throws it again.
            catch (Exception thrown) // boundary: the top of the namespace's thread
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
            finally
            {
                isDone.Set();
            }
        });
        isDone.Wait();
        failure?.Throw();
        return result!;
    }

    /// <summary>Runs <c>ip</c> with these words, which must succeed, and returns what it printed.</summary>
    public string Ip(string words) =>
        Run("ip", words.Split(' ', StringSplitOptions.RemoveEmptyEntries)).MustSucceed().Output;

    /// <summary>Runs <c>ip -batch</c> with these lines, all of which must succeed.</summary>
    public void IpBatch(string lines) => Run("ip", ["-batch", "-"], lines).MustSucceed();

    /// <summary>Runs a program in this network to its end.</summary>
    public Finished Run(string program, string[] arguments, string input = "") =>
        Do(() =>
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";

            // A program inherits the network of the thread that starts it.
            using var process = Process.Start(start)!;
            var faults = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            process.WaitForExit();
            return new Finished(
                $"{program} {string.Join(' ', arguments)}",
                process.ExitCode,
                output.Result,
                faults.Result
            );
        });

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Live(ManualResetEventSlim isReady)
    {
        _refusal = Libc.Namespaces.unshare(Libc.Namespaces.CLONE_NEWNET) == 0 ? default : LinuxErrno.Last;
        isReady.Set();
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }

    internal sealed record Finished(string Command, int ExitCode, string Output, string Faults)
    {
        public Finished MustSucceed()
        {
            Assert.True(ExitCode == 0, $"{Command}: exit {ExitCode}\n{Faults}");
            return this;
        }
    }
}
