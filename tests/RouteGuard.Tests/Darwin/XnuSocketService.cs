using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>The kernel in memory behind a socket, as a real one is fronted: to test the client against.</summary>
/// <remarks>One thread a connection, and one kernel under one lock. Pushed messages follow the answer that caused
/// them.</remarks>
internal sealed class XnuSocketService : IDisposable
{
    private const int RequestBytesMax = 1 << 16;
    private const int ConnectionsMax = 64;

    private readonly string _folder = Directory.CreateTempSubdirectory("routeguard-xnu-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly XnuSimulator _kernel = new();
    private readonly Lock _one = new();
    private readonly List<Client> _clients = [];

    public XnuSocketService()
    {
        Path = System.IO.Path.Combine(_folder, "xnu");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(ConnectionsMax);
        new Thread(Accept) { IsBackground = true, Name = "xnu accept" }.Start();
    }

    public string Path { get; }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_one)
        {
            _clients.ForEach(client => client.Wire.Dispose());
            _clients.Clear();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void Accept()
    {
        try
        {
            for (var accepted = 0; accepted < ConnectionsMax; accepted++)
            {
                var wire = _listener.Accept();
                lock (_one)
                {
                    var client = new Client(wire, _kernel.Open(0));
                    _clients.Add(client);
                    new Thread(() => Serve(client)) { IsBackground = true, Name = "xnu client" }.Start();
                }
            }
        }
        catch (SocketException)
        {
            // The listener was closed.
        }
        catch (ObjectDisposedException)
        {
            // The same, a moment later.
        }
    }

    private void Serve(Client client)
    {
        var packet = new byte[RequestBytesMax];
        try
        {
            while (client.Wire.Receive(packet) is var length && length > 0)
            {
                lock (_one)
                {
                    client.Wire.Send(Answer(client, packet.AsSpan(0, length)));
                    PushAll();
                }
            }
        }
        catch (SocketException)
        {
            // The client is gone.
        }
        catch (ObjectDisposedException)
        {
            // The service is.
        }

        lock (_one)
        {
            _clients.Remove(client);
            client.Routing.Dispose();
        }
    }

    private byte[] Answer(Client client, ReadOnlySpan<byte> packet) =>
        (char)packet[0] switch
        {
            'W' => Write(client, packet[1..]),
            'S' => Sysctl(packet[1..]),
            'C' => Command(client, Encoding.ASCII.GetString(packet[1..])),
            _ => Refusal('c', DarwinErrno.Invalid, "no such request"),
        };

    private static byte[] Write(Client client, ReadOnlySpan<byte> request)
    {
        var errno = client.Routing.Write(request);
        var answer = new byte[9];
        answer[0] = (byte)'w';
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), errno);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(5), errno == 0 ? request.Length : -1);
        return answer;
    }

    private byte[] Sysctl(ReadOnlySpan<byte> request)
    {
        const int NamesMax = 12;
        var count = request.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(request) : -1;
        if (count is < 1 or > NamesMax || request.Length != 4 + (count * 4) + 8)
        {
            return Refusal('s', DarwinErrno.Invalid, "\0\0\0\0\0\0\0\0");
        }

        var name = new int[count];
        for (var at = 0; at < count; at++)
        {
            name[at] = BinaryPrimitives.ReadInt32LittleEndian(request[(4 + (at * 4))..]);
        }

        var room = BinaryPrimitives.ReadUInt64LittleEndian(request[(4 + (count * 4))..]);
        var into = new byte[Math.Min(room, 1 << 20)];
        var errno = _kernel.Sysctl(name, into, out var lengthBytes);
        var copied = errno == 0 && into.Length > 0 ? lengthBytes : 0;
        var answer = new byte[13 + copied];
        answer[0] = (byte)'s';
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), errno);
        BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(5), (ulong)lengthBytes);
        into.AsSpan(0, copied).CopyTo(answer.AsSpan(13));
        return answer;
    }

    private byte[] Command(Client client, string text)
    {
        try
        {
            switch (text)
            {
                case "pause":
                    client.IsPaused = true;
                    return Refusal('c', DarwinErrno.None, string.Empty);
                case "resume":
                    client.IsPaused = false;
                    return Refusal('c', DarwinErrno.None, string.Empty);
                default:
                    var answer = SimulatorCommands.Run(_kernel, client.Routing, text);
                    return Refusal('c', answer.Errno, answer.Text);
            }
        }
        catch (Exception wrong)
            when (wrong is FormatException or IndexOutOfRangeException or InvalidOperationException or OverflowException
            )
        {
            return Refusal('c', DarwinErrno.Invalid, wrong.Message);
        }
    }

    private void PushAll()
    {
        var message = new byte[RoutingMessage.LengthBytesMax];
        foreach (var client in _clients.Where(client => !client.IsPaused))
        {
            while (client.Routing.TryRead(message, out var length))
            {
                Push(client, message.AsSpan(0, length));
            }
        }
    }

    private static void Push(Client client, ReadOnlySpan<byte> message)
    {
        try
        {
            client.Wire.Send([(byte)'E', .. message]);
        }
        catch (SocketException)
        {
            // It has just gone, which its own thread will see; whoever caused the message must not pay for it.
            client.IsPaused = true;
        }
    }

    private static byte[] Refusal(char kind, int errno, string text)
    {
        byte[] answer = [(byte)kind, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), errno);
        return answer;
    }

    private sealed class Client(Socket wire, SimulatedSocket routing)
    {
        public Socket Wire { get; } = wire;

        public SimulatedSocket Routing { get; } = routing;

        public bool IsPaused { get; set; }
    }
}
