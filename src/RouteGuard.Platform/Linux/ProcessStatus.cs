using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace RouteGuard.Platform.Linux;

/// <summary>Reads <c>/proc/PID/stat</c> as far as the start time: proc_pid_stat(5).</summary>
[SupportedOSPlatform("linux")]
internal static class ProcessStatus
{
    /// <summary>The line has 52 numbers and a name; a name of a kernel thread has at most 64 bytes.</summary>
    private const int LineBytesMax = 2048;

    /// <summary>starttime is field 22; the name, field 2, is the last that may hold blanks.</summary>
    private const int FieldsFromNameToStart = 20;

    /// <summary>Clock ticks from boot to the start of the process; false when there is no such process.</summary>
    public static bool TryReadStartTime(int pid, out ulong startTime)
    {
        startTime = 0;
        try
        {
            using var file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            Span<byte> bytes = stackalloc byte[LineBytesMax];
            var lengthBytes = RandomAccess.Read(file, bytes, 0);
            return TryParseStartTime(Encoding.Latin1.GetString(bytes[..lengthBytes]), out startTime);
        }
        catch (IOException)
        {
            // Not found, or ESRCH because it ended between open and read.
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // hidepid hides it from us: what cannot be seen cannot be watched.
            return false;
        }
    }

    /// <summary>The name is in parentheses and may hold any of <c>) (</c>: fields are counted from the last
    /// one.</summary>
    public static bool TryParseStartTime(ReadOnlySpan<char> line, out ulong startTime)
    {
        startTime = 0;
        var rest = line[(line.LastIndexOf(')') + 1)..];
        for (var field = 0; field < FieldsFromNameToStart; field++)
        {
            var blank = rest.IndexOf(' ');
            if (blank < 0)
            {
                return false;
            }

            rest = rest[(blank + 1)..];
        }

        var end = rest.IndexOf(' ');
        return ulong.TryParse(
            end < 0 ? rest : rest[..end],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out startTime
        );
    }
}
