namespace RouteGuard.Platform.Native;

/// <summary>What lies at a path itself; a link is not followed.</summary>
/// <param name="Mode">Kind and rights, as st_mode has them.</param>
/// <param name="OwnerUid">Whose it is.</param>
public sealed record PathStatus(int Mode, uint OwnerUid)
{
    private const int KindMask = 0xf000;
    private const int SocketKind = 0xc000;
    private const int FolderKind = 0x4000;
    private const int RightsMask = 0xfff;

    public bool IsSocket => (Mode & KindMask) == SocketKind;

    public bool IsFolder => (Mode & KindMask) == FolderKind;

    public int Rights => Mode & RightsMask;

    /// <returns>Null when there is nothing, or nothing that this user may see.</returns>
    public static PathStatus? Of(string path) =>
        Libc.Files.TryStatus(path, out var mode, out var uid) ? new(mode, uid) : null;
}
