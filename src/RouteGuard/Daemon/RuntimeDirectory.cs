using System.Net.Sockets;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Daemon;

/// <summary>The directory of the socket: ours, 0755, on a way that nobody else can change, with no socket of a dead
/// daemon in it.</summary>
internal static class RuntimeDirectory
{
    /// <summary>Any local user may connect; what it may ask is decided by its credentials.</summary>
    private const UnixFileMode SocketMode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    /// <exception cref="GuardException">Not ours alone, or another daemon answers there.</exception>
    public static void Prepare(Directories directories)
    {
        var runtime = directories.Runtime;
        if (TrustedFolder.Prepare(runtime) is { } problem)
        {
            throw Refused(runtime, $"{problem} Run routeguard daemon as root, or give --runtime-dir.");
        }

        try
        {
            RemoveDeadSocket(directories.Socket);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refused(
                runtime,
                $"{refused.Message.TrimEnd('.')}. Run routeguard daemon as root, or give --runtime-dir."
            );
        }
    }

    /// <summary>Lets others in, once everything behind the socket is ready.</summary>
    public static void Open(Directories directories) => File.SetUnixFileMode(directories.Socket, SocketMode);

    /// <summary>Makes the socket with a mode that lets nobody in yet.</summary>
    public static Task BindAsync(Func<Task> bind) => UserIds.WithPrivateUmaskAsync(bind);

    private static void RemoveDeadSocket(string path)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new GuardException(
            GuardRefusal.Conflict,
            $"Cannot start the daemon: another one answers on {path}. Stop it, or give --runtime-dir and --state-dir."
        );
    }

    private static GuardException Refused(string runtime, string why) =>
        new(GuardRefusal.NotPermitted, $"Cannot use the runtime directory {runtime}: {why}");
}
