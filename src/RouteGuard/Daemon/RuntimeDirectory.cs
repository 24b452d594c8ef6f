using System.Net.Sockets;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.Native;

namespace RouteGuard.Daemon;

/// <summary>The directory of the socket: ours, 0755, with no socket of a dead daemon in it.</summary>
internal static class RuntimeDirectory
{
    private const UnixFileMode DirectoryMode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

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
        try
        {
            if (new DirectoryInfo(runtime).LinkTarget is not null)
            {
                throw Refused(runtime, "it is a symbolic link. Give the directory itself with --runtime-dir.");
            }

            Directory.CreateDirectory(runtime, DirectoryMode);
            const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            if ((File.GetUnixFileMode(runtime) & Others) != UnixFileMode.None)
            {
                throw Refused(runtime, "others may write to it. Run chmod 0755 on it.");
            }

            // Only its owner may change a mode: this fails for a directory of somebody else.
            File.SetUnixFileMode(runtime, DirectoryMode);
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
