using System.Globalization;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Doctor;

/// <summary>Whether what the guard keeps, and what it needs of the kernel, is as it should be. Pure.</summary>
internal static class Places
{
    private const int RightsOfOthers = 0x3f; // 0077
    private const int WritableByOthers = 0x12; // 0022
    private const int SocketRights = 0x1b6; // 0666

    public static IReadOnlyList<CheckView> Check(Directories directories, MachineFacts facts) =>
        [CheckSocket(directories, facts), CheckState(directories, facts), .. facts.Features.Select(Check)];

    private static CheckView CheckSocket(Directories directories, MachineFacts facts)
    {
        const string Name = "socket";
        var path = directories.Socket;
        if (facts.Look(directories.Runtime) is { } folder && (folder.Rights & WritableByOthers) != 0)
        {
            return new(
                Name,
                "problem",
                $"{directories.Runtime} is {Octal(folder.Rights)}: others may put a socket of theirs there.",
                $"chmod 0755 {directories.Runtime}"
            );
        }

        if (facts.Look(path) is not { } socket)
        {
            return new(Name, "note", $"there is none at {path}; the daemon makes it when it starts.", null);
        }

        if (!socket.IsSocket)
        {
            return new(Name, "problem", $"{path} is something else, and the daemon cannot start.", $"rm {path}");
        }

        if (!IsOurs(socket.OwnerUid, facts))
        {
            return new(
                Name,
                "problem",
                Text($"{path} belongs to user {socket.OwnerUid}: somebody else answers in the daemon's name."),
                $"Stop that program, and rm {path}"
            );
        }

        return socket.Rights == SocketRights
            ? new(Name, "ok", $"{path} is the daemon's, and any user may ask for health there.", null)
            : new(
                Name,
                "note",
                $"{path} is {Octal(socket.Rights)} instead of 0666: others cannot ask for health.",
                "systemctl restart routeguard"
            );
    }

    private static CheckView CheckState(Directories directories, MachineFacts facts)
    {
        const string Name = "state directory";
        var path = directories.State;
        if (facts.Look(path) is not { } state)
        {
            return new(Name, "note", $"there is none at {path} yet; the daemon makes it when it starts.", null);
        }

        if (!state.IsFolder)
        {
            return new(Name, "problem", $"{path} is no directory; nothing can be kept.", $"rm {path}");
        }

        if (!IsOurs(state.OwnerUid, facts))
        {
            return new(
                Name,
                "problem",
                Text($"{path} belongs to user {state.OwnerUid}, who may say what is written into the table."),
                $"chown root {path}"
            );
        }

        return (state.Rights & RightsOfOthers) == 0
            ? new(Name, "ok", $"{path} is {Octal(state.Rights)}, root's alone.", null)
            : new(
                Name,
                "problem",
                $"{path} is {Octal(state.Rights)}: others may read or change baselines.",
                $"chmod 0700 {path}"
            );
    }

    private static CheckView Check(KernelFeature feature) =>
        feature.Problem is not { } problem ? new(feature.Name, "ok", "is there.", null)
        : feature.Since.Length > 0 ? new(feature.Name, "problem", $"{problem}.", $"Run Linux {feature.Since} or newer.")
        : new(feature.Name, "note", $"{problem}.", null);

    private static bool IsOurs(uint uid, MachineFacts facts) => uid == 0 || uid == facts.OwnUid;

    private static string Octal(int rights) => Convert.ToString(rights, 8).PadLeft(4, '0');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
