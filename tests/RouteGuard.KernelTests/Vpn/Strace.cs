using System.Globalization;
using System.Text.RegularExpressions;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>One system call of a traced program that changes, or asks about, what outlives the program.</summary>
/// <param name="Name">Of the call.</param>
/// <param name="Nth">The how manieth of this name it is in its thread, from 1: how strace counts.</param>
/// <param name="Line">As strace prints it.</param>
internal sealed record SystemCall(string Name, int Nth, string Line);

/// <summary>Lists the system calls by which RouteGuard touches disk and kernel, and kills it at one of them.</summary>
/// <remarks>Source: strace(1), <c>inject=SET:signal=SIG:when=N</c>: the signal comes as the call is entered, and a
/// SIGKILL then keeps the kernel from doing it; N is counted per thread and per name.</remarks>
internal sealed partial class Strace(VpnLab lab, string stateFolder)
{
    private const string Names =
        "write,pwrite64,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,sendto,sendmsg";

    // Without its diagnostics the runtime makes and unlinks no files of its own, which another thread would count too.
    private static readonly string[] Quiet = ["-E", "DOTNET_EnableDiagnostics=0"];

    private readonly string _file = Path.Combine(lab.Folder, "trace");

    /// <summary>Runs a command to its good end.</summary>
    /// <returns>Its calls, in order.</returns>
    public IReadOnlyList<SystemCall> Trace(string[] command)
    {
        lab.Host.Must([.. Words(Quiet), .. command]);
        return Read();
    }

    /// <summary>Runs a command that is killed as it enters this call, one of those that <see cref="Trace"/>
    /// gave.</summary>
    /// <returns>The calls up to that one, which was not done.</returns>
    public IReadOnlyList<SystemCall> KillAt(SystemCall call, string[] command)
    {
        const int KilledBySignal9 = 128 + 9;
        lab.Host.Run([.. Words(Quiet), "-e", Killer(call.Name, call.Nth), .. command]).MustExit(KilledBySignal9);
        return Read();
    }

    /// <summary>Lies in wait for a program that runs: it is killed as one of its threads enters its nth call of this
    /// name from now on.</summary>
    public LabProcess LieInWait(int pid, string name, int nth)
    {
        var strace = lab.Host.Start([
            .. Words("-p", pid.ToString(CultureInfo.InvariantCulture)),
            "-e",
            Killer(name, nth),
        ]);
        Eventually.Holds(
            "strace holds every thread",
            () =>
                Directory.Exists($"/proc/{pid}/task")
                && Directory.EnumerateDirectories($"/proc/{pid}/task").All(IsTraced),
            strace.ToString
        );
        return strace;
    }

    /// <summary>The calls that were traced last.</summary>
    public IReadOnlyList<SystemCall> Read()
    {
        var counts = new Dictionary<(string Thread, string Name), int>();
        List<SystemCall> calls = [];
        foreach (var line in File.ReadLines(_file))
        {
            if (Call().Match(line) is not { Success: true } match)
            {
                continue;
            }

            var name = match.Groups["name"].Value;
            var key = (match.Groups["thread"].Value, name);
            var nth = counts[key] = counts.GetValueOrDefault(key) + 1;
            if (IsLasting(line))
            {
                calls.Add(new SystemCall(name, nth, line));
            }
        }

        return calls;
    }

    private static string Killer(string name, int nth) =>
        string.Create(CultureInfo.InvariantCulture, $"inject={name}:signal=SIGKILL:when={nth}");

    private string[] Words(params string[] more) =>
        ["strace", "-f", "-y", "-o", _file, "-e", $"trace={Names}", .. more];

    private bool IsLasting(string line) =>
        line.Contains(stateFolder, StringComparison.Ordinal)
        || line.Contains("</etc", StringComparison.Ordinal)
        || line.Contains("nlmsg_len=", StringComparison.Ordinal);

    private static bool IsTraced(string task)
    {
        const string Field = "TracerPid:\t";
        try
        {
            return File.ReadLines(Path.Combine(task, "status"))
                .Any(line => line.StartsWith(Field, StringComparison.Ordinal) && line[Field.Length..] != "0");
        }
        catch (IOException)
        {
            // A thread that ended between the look and the question needs no tracer.
            return true;
        }
    }

    [GeneratedRegex(
        @"^(?<thread>\d+) +(?<name>[a-z0-9]+)\(",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Call();
}
