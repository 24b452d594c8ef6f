namespace RouteGuard.KernelTests.Daemon;

/// <summary>Somebody on the lab's host, as the kernel knows him.</summary>
/// <param name="Name">In the tables of these tests.</param>
/// <param name="Uid">User, real and effective.</param>
/// <param name="Groups">The first is his own group, the others are supplementary.</param>
internal sealed record Person(string Name, uint Uid, params uint[] Groups)
{
    public static readonly Person Root = new("root", 0, 0);

    /// <summary>In the group by a supplementary group, as people are.</summary>
    public static readonly Person Member = new("member", 2001, 2001, DaemonLab.GroupId);

    /// <summary>In the group by his own group, as services are.</summary>
    public static readonly Person Service = new("service", 2002, DaemonLab.GroupId);

    /// <summary>Begins sessions.</summary>
    public static readonly Person OwnerInGroup = new("owner in group", 2003, 2003, DaemonLab.GroupId);

    /// <summary>The same user after somebody took him out of the group.</summary>
    public static readonly Person Owner = new("owner", 2003, 2003);

    public static readonly Person Stranger = new("stranger", 2004, 2004);

    /// <summary>The words that make the program after them run as this person: setpriv(1).</summary>
    public string[] Words =>
        [
            "setpriv",
            $"--reuid={Uid}",
            $"--regid={Groups[0]}",
            .. Groups.Length > 1 ? [$"--groups={string.Join(',', Groups[1..])}"] : (string[])["--clear-groups"],
            "--",
        ];
}
