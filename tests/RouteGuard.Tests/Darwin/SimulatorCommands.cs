using System.Globalization;
using System.Net;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>What a command answers.</summary>
/// <param name="Errno">0, or why it was not done.</param>
/// <param name="Text">What was asked for; empty when nothing was.</param>
internal readonly record struct CommandAnswer(int Errno, string Text)
{
    public static CommandAnswer Done { get; } = new(DarwinErrno.None, string.Empty);

    public static CommandAnswer Of(int errno) => new(errno, string.Empty);

    public static CommandAnswer Of(long number) => new(DarwinErrno.None, number.ToString(CultureInfo.InvariantCulture));
}

/// <summary>The commands of a capture's admin steps, which are those of a kernel behind a socket: what happens outside
/// the routing sockets.</summary>
/// <remarks>Total: no text makes it throw. A word that is missing or no number or address is EINVAL, an interface that
/// is not there ENXIO, an unknown command EOPNOTSUPP.</remarks>
internal static class SimulatorCommands
{
    private const int HardwareAddressBytes = 6;

    /// <summary>Runs one command on behalf of the socket of who says it.</summary>
    public static CommandAnswer Run(XnuSimulator kernel, SimulatedSocket socket, string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return words.Length == 0
                ? CommandAnswer.Of(DarwinErrno.Invalid)
                : RunOnInterface(kernel, words)
                    ?? RunOnAddress(kernel, words)
                    ?? RunOnTheWire(kernel, words)
                    ?? RunOnSocket(socket, words)
                    ?? CommandAnswer.Of(DarwinErrno.NotSupported);
        }
        catch (NoSuchInterfaceException)
        {
            return CommandAnswer.Of(DarwinErrno.NoSuchDevice);
        }
        catch (Exception wrong) when (wrong is FormatException or IndexOutOfRangeException or OverflowException)
        {
            return CommandAnswer.Of(DarwinErrno.Invalid);
        }
    }

    private static CommandAnswer? RunOnInterface(XnuSimulator kernel, string[] words)
    {
        switch (words[0])
        {
            case "index":
                // if_nametoindex(3) answers 0 for none.
                return CommandAnswer.Of((long)kernel.IndexOf(words[1]));
            case "utun":
                return CommandAnswer.Of(kernel.OpenTunnel(Number(words[1]), out _));
            case "utunclose":
                kernel.CloseTunnel(Number(words[1]));
                return CommandAnswer.Done;
            case "en":
                var mac = Convert.FromHexString(words[3]);
                return mac.Length == HardwareAddressBytes
                    ? CommandAnswer.Of(
                        kernel.Attach($"{words[1]}{Number(words[2]).ToString(CultureInfo.InvariantCulture)}", mac)
                    )
                    : CommandAnswer.Of(DarwinErrno.Invalid);
            case "up" or "down":
                kernel.SetUp(kernel.LinkNamed(words[1]), words[0] == "up");
                return CommandAnswer.Done;
            case "linkup" or "linkdown":
                // Carrier alone: no message and no flag of XNU tells of it.
                kernel.LinkNamed(words[1]);
                return CommandAnswer.Done;
            case "detach":
                kernel.Detach(kernel.LinkNamed(words[1]));
                return CommandAnswer.Done;
            case "mtu":
                return CommandAnswer.Of(kernel.SetMtu(kernel.LinkNamed(words[1]), Number(words[2])));
            default:
                return null;
        }
    }

    private static CommandAnswer? RunOnAddress(XnuSimulator kernel, string[] words)
    {
        switch (words[0])
        {
            case "addr4":
                return CommandAnswer.Of(
                    kernel.AddInetAddress(
                        kernel.LinkNamed(words[1]),
                        Address(words[2]),
                        Address(words[3]),
                        words.Length > 4 ? Address(words[4]) : null
                    )
                );
            case "deladdr4":
                return CommandAnswer.Of(kernel.RemoveInetAddress(kernel.LinkNamed(words[1]), Address(words[2])));
            case "addr6":
                return CommandAnswer.Of(
                    kernel.AddInet6Address(
                        kernel.LinkNamed(words[1]),
                        Address(words[2]),
                        Number(words[3]),
                        words.Length > 4 ? Address(words[4]) : null
                    )
                );
            case "deladdr6":
                return CommandAnswer.Of(kernel.RemoveInet6Address(kernel.LinkNamed(words[1]), Address(words[2])));
            case "attach6":
                // IPv6 is attached to every interface that is asked for it; the table shows nothing of it.
                kernel.LinkNamed(words[1]);
                return CommandAnswer.Done;
            case "ll6":
                kernel.AddLinkLocal(kernel.LinkNamed(words[1]));
                return CommandAnswer.Done;
            default:
                return null;
        }
    }

    // Packets and time.
    private static CommandAnswer? RunOnTheWire(XnuSimulator kernel, string[] words)
    {
        switch (words[0])
        {
            case "udp4" or "udp6":
                return CommandAnswer.Of(kernel.Send(Address(words[1]), words.Length > 2 ? Number(words[2]) : 0));
            case "inject":
                kernel.LinkNamed(words[1]);
                return CommandAnswer.Of(kernel.Receive(Convert.FromHexString(words[2])));
            case "advance":
                kernel.Advance(Number(words[1]));
                return CommandAnswer.Done;
            case "now":
                return CommandAnswer.Of(kernel.UptimeSeconds);
            default:
                return null;
        }
    }

    // What belongs to the connection that says it.
    private static CommandAnswer? RunOnSocket(SimulatedSocket socket, string[] words)
    {
        switch (words[0])
        {
            case "uid":
                socket.UserId = Number(words[1]);
                return CommandAnswer.Done;
            case "pid":
                socket.ProcessId = Number(words[1]);
                return CommandAnswer.Done;
            case "pause" or "resume":
                socket.IsPaused = words[0] == "pause";
                return CommandAnswer.Done;
            case "reopen":
                socket.Reopen((byte)Number(words[1]));
                return CommandAnswer.Done;
            case "rcvbuf":
                return CommandAnswer.Of(socket.SetReceiveBuffer(Number(words[1])));
            case "getrcvbuf":
                return CommandAnswer.Of((long)socket.ReceiveBufferBytes);
            case "useloopback":
                socket.SetUseLoopback(Number(words[1]) != 0);
                return CommandAnswer.Done;
            case "soerror":
                // A routing socket says nothing of what it lost.
                return CommandAnswer.Of(0L);
            default:
                return null;
        }
    }

    private static int Number(string word) => int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);

    // Read once, so that every command refuses the same words.
    private static string Address(string word) =>
        IPAddress.TryParse(word, out _) ? word : throw new FormatException($"{word} is no address.");
}
