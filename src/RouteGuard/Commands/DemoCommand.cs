using System.CommandLine;

namespace RouteGuard.Commands;

/// <summary><c>routeguard demo</c></summary>
internal static class DemoCommand
{
    public static Command Make(CommandLine line)
    {
        var command = new Command("demo", "Shows the whole story in seconds, without root or risk, in a throwaway network namespace.");
        line.Handle(command, (_, _) => Task.FromResult(ExitCode.Failed));
        return command;
    }
}
