namespace RouteGuard.Platform.Native;

/// <summary>The users of this process.</summary>
public static class UserIds
{
    public static uint Effective => Libc.Users.geteuid();

    /// <summary>Real and effective user differ: whoever started us does not own our rights.</summary>
    public static bool IsSetUserId => Libc.Users.getuid() != Libc.Users.geteuid();

    /// <summary>Runs an action that creates files which nobody but the owner may reach until their mode is
    /// set.</summary>
    public static async Task WithPrivateUmaskAsync(Func<Task> action)
    {
        const uint OwnerOnly = 0x3f; // 0077
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
