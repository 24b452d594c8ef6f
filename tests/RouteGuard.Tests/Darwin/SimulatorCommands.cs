using System.Globalization;

namespace RouteGuard.Tests.Darwin;

/// <summary>The commands of a capture's admin steps: what happens outside the routing sockets.</summary>
internal static class SimulatorCommands
{
    /// <summary>Runs one command.</summary>
    /// <returns>What it answers as text, or null when this kernel cannot do it.</returns>
    public static string? Run(XnuSimulator kernel, SimulatedSocket socket, string command)
    {
        var words = command.Split(' ');
        SimulatedLink Link() => kernel.LinkNamed(words[1]);
        int Number(int at) => int.Parse(words[at], CultureInfo.InvariantCulture);
        switch (words[0])
        {
            case "index":
                return kernel.IndexOf(words[1]).ToString(CultureInfo.InvariantCulture);
            case "utun":
                kernel.OpenTunnel(Number(1));
                break;
            case "utunclose":
                kernel.CloseTunnel(Number(1));
                break;
            case "up" or "down":
                kernel.SetUp(Link(), words[0] == "up");
                break;
            case "detach":
                kernel.Detach(Link());
                break;
            case "addr4":
                kernel.AddInetAddress(Link(), words[2], words[3], words.Length > 4 ? words[4] : null);
                break;
            case "deladdr4":
                kernel.RemoveInetAddress(Link(), words[2]);
                break;
            case "en":
                kernel.Attach(words[1] + words[2], Convert.FromHexString(words[3]));
                break;
            case "attach6":
                break;
            case "ll6":
                kernel.AddLinkLocal(Link());
                break;
            case "addr6":
                kernel.AddInet6Address(Link(), words[2], Number(3));
                break;
            case "deladdr6":
                kernel.RemoveInet6Address(Link(), words[2]);
                break;
            case "linkup" or "linkdown":
                // Carrier alone: no message and no flag of XNU tells of it.
                Link();
                break;
            case "mtu":
                Link().Mtu = (uint)Number(2);
                break;
            default:
                return RunOnTheWire(kernel, words) ?? RunOnSocket(socket, words);
        }

        return string.Empty;
    }

    // Packets and time.
    private static string? RunOnTheWire(XnuSimulator kernel, string[] words)
    {
        int Number(int at) => int.Parse(words[at], CultureInfo.InvariantCulture);
        switch (words[0])
        {
            case "udp4":
                kernel.Send(words[1]);
                break;
            case "inject":
                kernel.Receive(Convert.FromHexString(words[2]));
                break;
            case "advance":
                kernel.Advance(Number(1));
                break;
            case "udp6":
                kernel.Send(words[1], words.Length > 2 ? Number(2) : 0);
                break;
            case "now":
                return kernel.UptimeSeconds.ToString(CultureInfo.InvariantCulture);
            default:
                return null;
        }

        return string.Empty;
    }

    // What belongs to the connection that says it.
    private static string? RunOnSocket(SimulatedSocket socket, string[] words)
    {
        int Number() => int.Parse(words[1], CultureInfo.InvariantCulture);
        switch (words[0])
        {
            case "useloopback":
                socket.SetUseLoopback(words[1] == "1");
                break;
            case "uid":
                socket.UserId = Number();
                break;
            case "pid":
                socket.ProcessId = Number();
                break;
            case "reopen":
                socket.Reopen((byte)Number());
                break;
            case "rcvbuf":
                return socket.SetReceiveBuffer(Number()).ToString(CultureInfo.InvariantCulture);
            case "soerror":
                // A routing socket says nothing of what it lost.
                return "0";
            case "getrcvbuf":
                return socket.ReceiveBufferBytes.ToString(CultureInfo.InvariantCulture);
            default:
                return null;
        }

        return string.Empty;
    }
}
