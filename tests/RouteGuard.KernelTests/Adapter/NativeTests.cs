using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RouteGuard.Platform.Native;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Layouts and numbers are the kernel's.</summary>
public sealed class NativeTests
{
    [Fact]
    public void Structures_have_the_size_that_the_kernel_gives_them()
    {
        Assert.Equal(12, Unsafe.SizeOf<Libc.Netlink.SocketAddress>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.Netlink.TimeValue>());
        Assert.Equal(8, Unsafe.SizeOf<Libc.Processes.PollDescriptor>());
        Assert.Equal(256, Unsafe.SizeOf<Libc.Folders.FileStatus>());
        Assert.Equal(
            RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16,
            Libc.Epoll.Events.StrideBytes
        );
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "EPERM")]
    [InlineData(2, "ENOENT")]
    [InlineData(3, "ESRCH")]
    [InlineData(17, "EEXIST")]
    [InlineData(22, "EINVAL")]
    [InlineData(41, "E41")]
    [InlineData(95, "EOPNOTSUPP")]
    [InlineData(101, "ENETUNREACH")]
    [InlineData(105, "ENOBUFS")]
    [InlineData(113, "EHOSTUNREACH")]
    [InlineData(133, "EHWPOISON")]
    [InlineData(134, "E134")]
    [InlineData(-1, "E-1")]
    public void An_errno_has_its_name(int number, string name)
    {
        Assert.Equal(name, LinuxErrno.NameOf(number));
        Assert.Equal($"{name} ({number})", new LinuxErrno(number).ToString());
    }

    [Fact]
    public void Every_name_is_that_of_the_system_headers()
    {
        var headers = new[] { "errno-base.h", "errno.h" }.Select(name => $"/usr/include/asm-generic/{name}").ToArray();
        Assert.SkipUnless(headers.All(File.Exists), "Needs the kernel's headers in /usr/include/asm-generic.");
        var defined = headers
            .SelectMany(File.ReadLines)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["#define", ['E', ..], var number, ..] && int.TryParse(number, out _))
            .Select(words =>
                (Number: int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture), Name: words[1])
            )
            .ToArray();

        Assert.True(defined.Length > 120, $"{defined.Length}");
        Assert.All(defined, errno => Assert.Equal(errno.Name, LinuxErrno.NameOf(errno.Number)));
    }
}
