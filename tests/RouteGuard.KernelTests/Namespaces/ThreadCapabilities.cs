using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RouteGuard.KernelTests.Namespaces;

/// <summary>Takes the calling thread's capabilities away for good, whatever its user: capabilities(7),
/// capset(2).</summary>
internal static unsafe partial class ThreadCapabilities
{
    // _LINUX_CAPABILITY_VERSION_3: two sets of three 32-bit words follow.
    private const uint Version3 = 0x20080522;
    private const int WordsOfData = 6;

    public static void DropAll()
    {
        var header = stackalloc uint[2] { Version3, 0 };
        var data = stackalloc uint[WordsOfData];
        new Span<uint>(data, WordsOfData).Clear();
        if (capset(header, data) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);
}
