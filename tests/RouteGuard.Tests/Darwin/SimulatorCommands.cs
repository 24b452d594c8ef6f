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
            case "udp4":
                kernel.Send(words[1]);
                break;
            case "inject":
                kernel.Receive(Convert.FromHexString(words[2]));
                break;
            case "advance":
                kernel.Advance(Number(1));
                break;
            case "useloopback":
                socket.SetUseLoopback(words[1] == "1");
                break;
            case "uid":
                socket.UserId = Number(1);
                break;
            case "pid":
                socket.ProcessId = Number(1);
                break;
            case "reopen":
                socket.Reopen((byte)Number(1));
                break;
            case "rcvbuf":
                return socket.SetReceiveBuffer(Number(1)).ToString(CultureInfo.InvariantCulture);
            case "getrcvbuf":
                return socket.ReceiveBufferBytes.ToString(CultureInfo.InvariantCulture);
            default:
                return null;
        }

        return string.Empty;
    }
}
