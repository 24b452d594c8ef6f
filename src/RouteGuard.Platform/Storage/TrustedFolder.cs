using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Storage;

/// <summary>Opens a folder by a way that nobody but root and this user can change, and makes what is missing of
/// it.</summary>
/// <remarks>
/// The way is walked name by name from the root, each name looked up in the folder that is open already (openat(2)), so
/// that nothing can be put in its place between the look and the use. Every folder on it belongs to root, to the owner
/// of <c>/</c> (in a user namespace root has no number) or to this user. Others may write to one only where the sticky
/// bit keeps them from what is not theirs, as in /tmp. A link on the way counts when one of the same owns it; the last
/// name may not be a link. A group that the owner lets write is the owner's choice on the way, and refused at its end.
/// </remarks>
public static class TrustedFolder
{
    /// <summary>Names on the way, those of links included.</summary>
    private const int NamesMax = 256;

    /// <summary>As MAXSYMLINKS of path_resolution(7), and more than any sane way has.</summary>
    private const int LinksMax = 40;

    private const int TargetLengthMax = 4096; // PATH_MAX
    private const uint FolderMode = 0x1ed; // 0755
    private const int GroupMayWrite = 0x10; // 0020
    private const int OthersMayWrite = 0x2; // 0002
    private const int Sticky = 0x200; // 01000

    private const int ENOENT = 2;
    private const int EEXIST = 17;
    private const int ENOTDIR = 20;

    private static readonly int ELOOP = OperatingSystem.IsMacOS() ? 62 : 40;

    /// <summary>Opens it, and gives it the mode 0755.</summary>
    /// <param name="path">An absolute path.</param>
    /// <returns>Null, or why not: completes "Cannot use FOLDER: …", with what to do.</returns>
    public static string? Prepare(string path) => Go(new Walk(path, hasEnd: true));

    /// <summary>Looks at the way to a folder and changes nothing; where the way is not made yet, it ends.</summary>
    /// <param name="path">An absolute path; its last name is not looked at.</param>
    /// <returns>As <see cref="Prepare"/>.</returns>
    public static string? LookAtWay(string path) => Go(new Walk(Path.GetDirectoryName(path) ?? "/", hasEnd: false));

    private static string? Go(Walk walk)
    {
        var folder = Libc.Files.OpenFolder(null, "/");
        try
        {
            var problem = Refusal("/", folder, isLast: false, walk);
            for (var names = 0; problem is null && walk.TryNext(out var name); names++)
            {
                if (names == NamesMax)
                {
                    return $"its way has more than {NamesMax} names. Name it without links.";
                }

                problem = Step(ref folder, name, walk);
            }

            return problem ?? (!walk.HasEnd || Libc.Files.fchmod(folder, FolderMode) == 0 ? null : Said());
        }
        finally
        {
            folder.Dispose();
        }
    }

    // Opens one name in the folder; a link puts its target's names before the rest.
    private static string? Step(ref SafeFileHandle folder, string name, Walk walk)
    {
        var next = Libc.Files.OpenFolder(folder, name);
        var errno = next.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (errno == ENOENT && !walk.HasEnd)
        {
            next.Dispose();
            walk.Stop();
            return null;
        }

        if (errno == ENOENT)
        {
            // Made by somebody else meanwhile: then it is looked at like any other.
            if (Libc.Files.mkdirat(folder, name, FolderMode) != 0 && Marshal.GetLastPInvokeError() != EEXIST)
            {
                return Said();
            }

            next.Dispose();
            next = Libc.Files.OpenFolder(folder, name);
            errno = next.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
            if (errno == 0 && Libc.Files.fchmod(next, FolderMode) != 0)
            {
                next.Dispose();
                return Said();
            }
        }

        if (errno != 0)
        {
            next.Dispose();
            return errno == ELOOP || errno == ENOTDIR ? Follow(ref folder, name, walk) : Said();
        }

        folder.Dispose();
        folder = next;
        return Refusal(walk.Path, folder, walk.IsAtEnd, walk);
    }

    private static string? Follow(ref SafeFileHandle folder, string name, Walk walk)
    {
        if (!Libc.Files.TryStatus(walk.Path, out var mode, out var uid))
        {
            return Said();
        }

        if ((mode & Libc.Files.S_IFMT) != Libc.Files.S_IFLNK)
        {
            return $"{walk.Path} is not a folder. Name another one.";
        }

        if (walk.IsAtEnd)
        {
            return "it is a symbolic link. Name the folder itself.";
        }

        // Once seen to be trusted it stays what it is: who may not write to the folder cannot change the link, and
        // where all may, the sticky bit keeps it.
        if (!walk.IsTrusted(uid))
        {
            return $"the link {walk.Path} on its way belongs to uid {uid}. Name it without links.";
        }

        if (!TryReadLink(folder, name, out var target))
        {
            return Said();
        }

        if (!walk.TryFollow(target))
        {
            return $"its way has more than {LinksMax} links. Name it without links.";
        }

        if (target.StartsWith('/'))
        {
            folder.Dispose();
            folder = Libc.Files.OpenFolder(null, "/");
        }

        return null;
    }

    private static string? Refusal(string path, SafeFileHandle folder, bool isLast, Walk walk)
    {
        if (folder.IsInvalid || !Libc.Files.TryStatus(folder, out var mode, out var uid))
        {
            return Said();
        }

        walk.Note(path, uid);
        var where = isLast ? "it" : $"{path} on its way";
        var writers = isLast ? GroupMayWrite | OthersMayWrite : OthersMayWrite;
        return !walk.IsTrusted(uid)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where} belongs to uid {uid}. Name a folder of root or of uid {Libc.Files.geteuid()}."
                )
            : (mode & writers) != 0 && (isLast || (mode & Sticky) == 0)
                ? $"others may write to {(isLast ? "it. Run chmod 0755 on it." : $"{where}. Name another one.")}"
            : null;
    }

    private static unsafe bool TryReadLink(SafeFileHandle folder, string name, out string target)
    {
        Span<byte> bytes = stackalloc byte[TargetLengthMax];
        nint length;
        fixed (byte* start = bytes)
        {
            length = Libc.Files.readlinkat(folder, name, start, TargetLengthMax);
        }

        target = length is > 0 and < TargetLengthMax ? Encoding.UTF8.GetString(bytes[..(int)length]) : string.Empty;
        return target.Length > 0;
    }

    private static string Said()
    {
        var errno = Marshal.GetLastPInvokeError();
        return $"{Marshal.GetPInvokeErrorMessage(errno)} ({errno}).";
    }

    /// <summary>How far a way has been gone, and what is left of it.</summary>
    /// <param name="path">The way.</param>
    /// <param name="hasEnd">Its last name is what is wanted; or only on the way to that.</param>
    private sealed class Walk(string path, bool hasEnd)
    {
        private readonly Stack<string> _rest = new(Names(path).Reverse());
        private string _gone = "/";
        private uint? _rootUid;
        private int _links;

        /// <summary>The folder or link that the last name led to.</summary>
        public string Path { get; private set; } = "/";

        public bool HasEnd => hasEnd;

        public bool IsAtEnd => hasEnd && _rest.Count == 0;

        public bool TryNext(out string name)
        {
            var isNext = _rest.TryPop(out var next);
            name = next ?? string.Empty;
            Path = System.IO.Path.Combine(_gone, name);
            return isNext;
        }

        public void Stop() => _rest.Clear();

        public void Note(string gone, uint uid)
        {
            _gone = gone;
            _rootUid ??= uid;
        }

        public bool IsTrusted(uint uid) => uid == 0 || uid == _rootUid || uid == Libc.Files.geteuid();

        public bool TryFollow(string target)
        {
            foreach (var name in Names(target).Reverse())
            {
                _rest.Push(name);
            }

            _gone = target.StartsWith('/') ? "/" : _gone;
            return ++_links <= LinksMax;
        }

        private static string[] Names(string path) =>
            [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".")];
    }
}
