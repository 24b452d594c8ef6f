using System.Diagnostics;

namespace RouteGuard.TunVpn;

/// <summary>What was done to the table, each step with the one that undoes it.</summary>
internal sealed class RouteSteps
{
    private readonly Stack<string[]> _undo = new();

    /// <summary>Runs <c>ip</c> with these words.</summary>
    /// <exception cref="InvalidOperationException">It said no.</exception>
    public static string Ip(params string[] words)
    {
        var start = new ProcessStartInfo("ip", words) { RedirectStandardOutput = true, UseShellExecute = false };
        using var ip = Process.Start(start) ?? throw new InvalidOperationException("Cannot run ip.");
        var said = ip.StandardOutput.ReadToEnd();
        ip.WaitForExit();
        return ip.ExitCode == 0
            ? said
            : throw new InvalidOperationException($"Cannot do ip {string.Join(' ', words)}: exit code {ip.ExitCode}.");
    }

    /// <summary>Does a step and remembers how to undo it.</summary>
    public void Do(string words, string undo)
    {
        Ip(Split(words));
        _undo.Push(Split(undo));
    }

    /// <summary>Undoes every step, the last first.</summary>
    public void UndoAll()
    {
        while (_undo.TryPop(out var words))
        {
            Ip(words);
        }
    }

    private static string[] Split(string words) =>
        words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
