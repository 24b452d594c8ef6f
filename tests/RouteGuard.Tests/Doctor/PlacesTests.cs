using RouteGuard.Doctor;
using RouteGuard.Platform.Native;

namespace RouteGuard.Tests.Doctor;

/// <summary>Socket, state directory and kernel as the doctor sees them.</summary>
public sealed class PlacesTests
{
    private const int Folder = 0x4000;
    private const int Socket = 0xc000;
    private const int Plain = 0x8000;
    private const uint Own = 1000;

    private static readonly Directories Here = new("/state", "/run/rg");

    // What lies at the socket, the folder of the socket and the state directory: kind, rights in octal, owner.
    [Theory]
    [InlineData("socket 666 0", "folder 755 0", "folder 700 0", "ok", "ok")]
    [InlineData("socket 666 1000", "folder 755 1000", "folder 700 1000", "ok", "ok")]
    [InlineData("", "", "", "note", "note")]
    [InlineData("socket 600 0", "folder 755 0", "folder 700 0", "note", "ok")]
    [InlineData("plain 666 0", "folder 755 0", "folder 700 0", "problem", "ok")]
    [InlineData("socket 666 1001", "folder 755 0", "folder 700 1001", "problem", "problem")]
    [InlineData("socket 666 0", "folder 777 0", "folder 755 0", "problem", "problem")]
    [InlineData("socket 666 0", "folder 775 0", "folder 750 0", "problem", "problem")]
    [InlineData("socket 666 0", "folder 755 0", "plain 600 0", "ok", "problem")]
    public void What_is_wrong_is_said_with_its_repair(
        string socket,
        string runtime,
        string state,
        string socketLevel,
        string stateLevel
    )
    {
        var checks = Places.Check(
            Here,
            Facts(path =>
                Status(
                    path == Here.Socket ? socket
                    : path == Here.Runtime ? runtime
                    : state
                )
            )
        );
        Assert.Equal([socketLevel, stateLevel], checks.Select(check => check.Level));
        Assert.All(checks.Where(check => check.Level == "problem"), check => Assert.NotEmpty(check.Advice!));
    }

    [Fact]
    public void A_feature_that_the_kernel_lacks_is_a_problem_and_one_that_is_switched_off_a_note()
    {
        var facts = Facts(_ => null) with
        {
            Features =
            [
                new("pidfd_open", "no process can be watched for its end: ENOSYS (38)", "5.3"),
                new("IPv6", "it is switched off here, so only IPv4 is guarded", string.Empty),
                new("NETLINK_EXT_ACK", null, "4.20"),
            ],
        };
        Assert.Equal(
            [
                "pidfd_open problem no process can be watched for its end: ENOSYS (38). Run Linux 5.3 or newer.",
                "IPv6 note it is switched off here, so only IPv4 is guarded. ",
                "NETLINK_EXT_ACK ok is there. ",
            ],
            Places.Check(Here, facts).Skip(2).Select(one => $"{one.Name} {one.Level} {one.Text} {one.Advice}")
        );
    }

    [Fact]
    public void This_very_machine_is_read_without_a_fault()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The features that are tried are Linux's.");
        var facts = MachineFacts.Read();
        Assert.Equal(3, facts.Features.Count);
        Assert.All(facts.Features.Take(2), feature => Assert.Null(feature.Problem));
        Assert.Contains("dotnet", facts.Programs.Concat(["dotnet"]));
        Assert.True(facts.Look("/")!.IsFolder);
        Assert.Null(facts.Look("/nowhere/at/all"));
    }

    private static MachineFacts Facts(Func<string, PathStatus?> look) =>
        new(true, "a kernel", new HashSet<string>(), [], false, _ => null) { Look = look, OwnUid = Own };

    private static PathStatus? Status(string words) =>
        words.Split(' ') is [var kind, var rights, var owner]
            ? new(
                (
                    kind == "socket" ? Socket
                    : kind == "folder" ? Folder
                    : Plain
                ) | Convert.ToInt32(rights, 8),
                uint.Parse(owner, null)
            )
            : null;
}
