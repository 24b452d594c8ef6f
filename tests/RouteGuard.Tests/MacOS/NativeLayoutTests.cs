using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using RouteGuard.Platform.MacOS;
using RouteGuard.Platform.Native;
using Xnu = RouteGuard.Platform.Native.Darwin;

namespace RouteGuard.Tests.MacOS;

/// <summary>Structures and numbers of the calls into Apple's libraries. No Mac is needed: both processors lay a
/// structure out alike, and as this one does.</summary>
/// <remarks>Sizes, offsets and numbers are those of the headers of xnu-11417.101.15 and configd-1405.100.8.</remarks>
[SupportedOSPlatform("macos")]
public sealed class NativeLayoutTests
{
    /// <summary>Every number that Native/Darwin*.cs declares, and the header that has it.</summary>
    private const string Numbers = """
        PF_ROUTE 17 sys/socket.h
        SOCK_RAW 3 sys/socket.h
        SOL_SOCKET 0xffff sys/socket.h
        SO_USELOOPBACK 0x40 sys/socket.h
        SO_RCVBUF 0x1002 sys/socket.h
        SO_NOSIGPIPE 0x1022 sys/socket.h
        MSG_DONTWAIT 0x80 sys/socket.h
        FIOCLEX 0x20006601 sys/filio.h
        EVFILT_READ -1 sys/event.h
        EVFILT_PROC -5 sys/event.h
        EVFILT_USER -10 sys/event.h
        EV_ADD 0x1 sys/event.h
        EV_DELETE 0x2 sys/event.h
        EV_ONESHOT 0x10 sys/event.h
        EV_CLEAR 0x20 sys/event.h
        EV_RECEIPT 0x40 sys/event.h
        EV_ERROR 0x4000 sys/event.h
        EV_EOF 0x8000 sys/event.h
        NOTE_EXIT 0x80000000 sys/event.h
        NOTE_TRIGGER 0x1000000 sys/event.h
        PROC_PIDTBSDINFO 3 sys/proc_info.h
        PathBytesMax 4096 sys/proc_info.h
        Stopped 4 sys/proc.h
        NOTIFY_STATUS_OK 0 notify.h
        NoticeBytes 4 notify.h
        kCFStringEncodingUTF8 0x8000100 CFString.h
        kCFNumberSInt64Type 4 CFNumber.h
        """;

    [Fact]
    public void Structures_have_the_sizes_and_offsets_of_the_headers()
    {
        AssertShape<Xnu.Kqueue.Record>(32, "Subject 0 Filter 8 Flags 10 FilterFlags 12 Data 16 UserData 24");
        AssertShape<Xnu.Kqueue.TimeSpec>(16, string.Empty);
        AssertShape<Xnu.Sysctl.TimeValue>(16, string.Empty);
        AssertShape<Xnu.Processes.BsdInformation>(136, "Status 4 Pid 12 Uid 20 StartSeconds 120 StartMicroseconds 128");
        AssertShape<Libc.Files.MacStat>(144, "Mode 4 Uid 16");
    }

    [Fact]
    public void A_time_has_its_second_part_behind_eight_bytes()
    {
        var wake = new Xnu.Sysctl.TimeValue(1, 2);
        var wait = new Xnu.Kqueue.TimeSpec(3, 4);
        Assert.Equal("01000000000000000200000000000000", Hex(in wake));
        Assert.Equal("03000000000000000400000000000000", Hex(in wait));
    }

    [Fact]
    public void Every_number_is_that_of_its_header()
    {
        var ours = typeof(Xnu)
            .GetNestedTypes(BindingFlags.NonPublic)
            .Append(typeof(Xnu))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.IsLiteral && field.FieldType != typeof(string))
            .Select(field => $"{field.Name} {ValueOf(field.GetRawConstantValue()!)}")
            .Append($"FIOCLEX {Xnu.FIOCLEX}");
        var theirs = Numbers.Split('\n').Select(line => line.Split(' ')).Select(row => $"{row[0]} {Parsed(row[1])}");
        Assert.Equal(
            theirs.Order(StringComparer.Ordinal),
            ours.Append($"kCFNumberSInt64Type {Xnu.CoreFoundation.kCFNumberSInt64Type}")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_call_is_repeated_after_a_signal_and_only_so_often()
    {
        var interrupts = 0;
        var calls = 1;
        Marshal.SetLastPInvokeError(DarwinErrno.Interrupted);
        int errno;
        while (XnuCalls.IsInterrupted(-1, ref interrupts, out errno))
        {
            calls++;
        }

        Assert.Equal((XnuCalls.InterruptsMax + 1, DarwinErrno.Interrupted), (calls, errno));
    }

    [Theory]
    [InlineData(0, DarwinErrno.Interrupted, DarwinErrno.None)]
    [InlineData(92, DarwinErrno.Interrupted, DarwinErrno.None)]
    [InlineData(-1, DarwinErrno.Exists, DarwinErrno.Exists)]
    public void An_answer_is_taken_at_once(int result, int lastErrno, int expected)
    {
        var interrupts = 0;
        Marshal.SetLastPInvokeError(lastErrno);
        Assert.False(XnuCalls.IsInterrupted(result, ref interrupts, out var errno));
        Assert.Equal(expected, errno);
    }

    private static void AssertShape<T>(int sizeBytes, string offsets)
        where T : unmanaged
    {
        Assert.Equal(sizeBytes, Unsafe.SizeOf<T>());
        foreach (var field in offsets.Split(' ', StringSplitOptions.RemoveEmptyEntries).Chunk(2))
        {
            Assert.Equal($"{field[0]} {field[1]}", $"{field[0]} {Marshal.OffsetOf<T>(field[0])}");
        }
    }

    private static string Hex<T>(in T value)
        where T : unmanaged =>
        Convert.ToHexStringLower(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1)));

    private static long ValueOf(object value) => Convert.ToInt64(value, null);

    private static long Parsed(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt64(text[2..], 16) : long.Parse(text, null);
}
