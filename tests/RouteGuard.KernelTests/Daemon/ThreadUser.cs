using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Does something on a thread that is another user's: the kernel keeps credentials by thread, and a socket
/// those of the thread that connected it (unix(7), SO_PEERCRED).</summary>
/// <remarks>The wrappers of libc change every thread of the process (nptl(7)), so the calls are made without them;
/// their numbers are of asm/unistd_64.h and asm-generic/unistd.h.</remarks>
[SupportedOSPlatform("linux")]
internal static unsafe partial class ThreadUser
{
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly nint SetResUid = IsArm ? 147 : 117;
    private static readonly nint SetResGid = IsArm ? 149 : 119;
    private static readonly nint SetGroups = IsArm ? 159 : 116;

    /// <summary>Runs to its end as this person, on a thread of its own that ends with it.</summary>
    public static T Run<T>(Person who, Func<T> action)
    {
        T result = default!;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                Become(who);
                result = action();
            }
            catch (Exception fault) when (fault is SocketException or Win32Exception or IOException)
            {
                thrown = fault;
            }
        });
        thread.Start();
        thread.Join();
        return thrown is null ? result : throw thrown;
    }

    /// <summary>A connection that is this person's for ever.</summary>
    public static Socket Connect(Person who, string path) =>
        who.Uid == 0 ? Connect(path) : Run(who, () => Connect(path));

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Become(Person who)
    {
        var groups = who.Groups[1..];
        fixed (uint* list = groups)
        {
            Check(syscall(SetGroups, groups.Length, (nint)list, 0));
        }

        var (uid, gid) = ((nint)who.Uid, (nint)who.Groups[0]);
        Check(syscall(SetResGid, gid, gid, gid));
        Check(syscall(SetResUid, uid, uid, uid));
    }

    private static void Check(nint result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);
}
