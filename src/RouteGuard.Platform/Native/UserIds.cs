namespace RouteGuard.Platform.Native;

/// <summary>The users of this process.</summary>
public static class UserIds
{
    private const uint OwnerOnly = 0x3f; // 0077

    public static uint Effective => Libc.Users.geteuid();

    /// <summary>
    /// The environment is that of a user who can do no more with it than he could without us. Never so for root, who
    /// may have been become through sudo or su with an environment that came along; nor where the file gave rights
    /// (set-user-id, set-group-id, capabilities).
    /// </summary>
    public static bool IsEnvironmentOurs => !HasForeignRights && Effective != 0;

    private static bool HasForeignRights =>
        Libc.Users.getuid() != Libc.Users.geteuid()
        || Libc.Users.getgid() != Libc.Users.getegid()
        || (OperatingSystem.IsMacOS() ? Libc.Users.issetugid() != 0 : Libc.Users.getauxval(Libc.Users.AT_SECURE) != 0);

    /// <summary>From now on what this process creates, and what the processes that it starts create, is for its owner
    /// alone until a mode is set.</summary>
    public static void UsePrivateUmask() => _ = Libc.Users.umask(OwnerOnly);

    /// <summary>Runs an action that creates files which nobody but the owner may reach until their mode is
    /// set.</summary>
    public static async Task WithPrivateUmaskAsync(Func<Task> action)
    {
        var before = Libc.Users.umask(OwnerOnly);
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            _ = Libc.Users.umask(before);
        }
    }
}
