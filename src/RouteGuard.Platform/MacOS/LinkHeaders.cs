using System.Runtime.InteropServices;

namespace RouteGuard.Platform.MacOS;

/// <summary>The first 8 bytes of <c>struct if_data</c> and <c>struct if_data64</c> (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct LinkKindBlock
{
    /// <summary>ifi_type: 1 other (utun), 6 Ethernet, 24 loopback (net/if_types.h IFT_*).</summary>
    public byte Type;
    public byte TypeLength;
    public byte Physical;
    public byte AddressLength;
    public byte HeaderLength;
    public byte ReceiveQuota;
    public byte TransmitQuota;
    public byte Unused1;
}

/// <summary><c>struct if_data</c>, 96 bytes (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct LinkDataBlock
{
    public LinkKindBlock Kind;
    public uint Mtu;
    public uint Metric;
    public uint BaudRate;
    public uint PacketsIn;
    public uint ErrorsIn;
    public uint PacketsOut;
    public uint ErrorsOut;
    public uint Collisions;
    public uint BytesIn;
    public uint BytesOut;
    public uint MulticastsIn;
    public uint MulticastsOut;
    public uint DropsIn;
    public uint NoProtocol;
    public uint ReceiveTiming;
    public uint TransmitTiming;
    public uint LastChangeSeconds;
    public uint LastChangeMicroseconds;
    public uint Unused2;
    public uint HardwareAssist;
    public uint Reserved1;
    public uint Reserved2;
}

/// <summary><c>struct if_data64</c>, 128 bytes (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct LinkDataBlock64
{
    public LinkKindBlock Kind;
    public uint Mtu;
    public uint Metric;
    public ulong BaudRate;
    public ulong PacketsIn;
    public ulong ErrorsIn;
    public ulong PacketsOut;
    public ulong ErrorsOut;
    public ulong Collisions;
    public ulong BytesIn;
    public ulong BytesOut;
    public ulong MulticastsIn;
    public ulong MulticastsOut;
    public ulong DropsIn;
    public ulong NoProtocol;
    public uint ReceiveTiming;
    public uint TransmitTiming;
    public uint LastChangeSeconds;
    public uint LastChangeMicroseconds;
}

/// <summary><c>struct if_msghdr</c>, 112 bytes: an interface changed (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct LinkHeader
{
    public MessageStart Start;
    public AddressBits Addresses;
    public LinkFlags Flags;
    public ushort Index;
    public ushort Padding;
    public LinkDataBlock Data;
}

/// <summary><c>struct if_msghdr2</c>, 160 bytes: an interface in a list by NET_RT_IFLIST2 (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct LinkHeader2
{
    public MessageStart Start;
    public AddressBits Addresses;
    public LinkFlags Flags;
    public ushort Index;
    public ushort Padding;
    public int SendLength;
    public int SendLengthMax;
    public int SendDrops;
    public int Timer;
    public LinkDataBlock64 Data;
}
