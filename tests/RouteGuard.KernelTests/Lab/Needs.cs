using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace RouteGuard.KernelTests.Lab;

/// <summary>What a test cannot do without. A test that skips says what is missing.</summary>
internal static class Needs
{
    /// <summary>Skips unless this is Linux, the user is root, and all these programs are there.</summary>
    public static void RootAnd(params string[] programs)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs Linux: this test makes network namespaces.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root: this test makes network namespaces.");
        var missing = programs.Concat(["ip", "nsenter"]).Where(program => !IsThere(program)).ToArray();
        Assert.SkipUnless(missing.Length == 0, $"Needs programs that are not installed: {string.Join(", ", missing)}.");
        Assert.SkipUnless(File.Exists("/dev/net/tun"), "Needs /dev/net/tun: this test makes a tunnel.");
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Concat(["/usr/sbin", "/sbin"])
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
