using System.Diagnostics;

namespace RouteGuard.Benchmarks;

/// <summary>Other programs: started, waited for with a bound, timed from before the start to after the end.</summary>
internal static class Programs
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(120);

    /// <summary>Starts a program that stays, with pipes to both its ends.</summary>
    public static Process Start(params string[] words) =>
        Process.Start(
            new ProcessStartInfo(words[0], words[1..])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        ) ?? throw new InvalidOperationException($"{words[0]} did not start.");

    /// <summary>Runs a program that must succeed.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(params string[] words) => RunWith(string.Empty, words);

    /// <summary>Runs a program that must succeed, with this on its standard input.</summary>
    public static string RunWith(string input, params string[] words)
    {
        using var program = Start(words);
        program.StandardInput.Write(input);
        program.StandardInput.Close();
        var output = program.StandardOutput.ReadToEnd();
        MustEnd(program, words);
        return output;
    }

    /// <summary>Runs a program whose input and output are files; for each side the same shell starts it.</summary>
    /// <returns>How long the whole process took.</returns>
    public static TimeSpan Time(string? inputFile, string? outputFile, params string[] words)
    {
        string[] shell = ["-c", "exec \"$@\" <\"$0\" >\"$OUT\"", inputFile ?? "/dev/null", .. words];
        var start = new ProcessStartInfo("/bin/sh", shell) { UseShellExecute = false };
        start.Environment["OUT"] = outputFile ?? "/dev/null";
        var before = Stopwatch.GetTimestamp();
        using var program = Process.Start(start)!;
        MustEnd(program, words);
        return Stopwatch.GetElapsedTime(before);
    }

    private static void MustEnd(Process program, string[] words)
    {
        if (!program.WaitForExit(EndsWithin))
        {
            program.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', words)} did not end within {EndsWithin}.");
        }

        if (program.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', words)} ended with exit code {program.ExitCode}.");
        }
    }
}
