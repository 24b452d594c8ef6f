namespace RouteGuard.Commands;

/// <summary>A command cannot be done: what is printed, and the exit code.</summary>
internal sealed class CommandException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
