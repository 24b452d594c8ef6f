using System.Globalization;

namespace RouteGuard.Platform.MacOS;

/// <summary>errno numbers of Darwin (sys/errno.h); many differ from Linux.</summary>
internal static class DarwinErrno
{
    public const int None = 0;
    public const int Permission = 1;
    public const int NoSuchEntry = 3;
    public const int Interrupted = 4;
    public const int NoSuchDevice = 6;
    public const int NoMemory = 12;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int TryAgain = 35;
    public const int ProtocolNotSupported = 43;
    public const int FamilyNotSupported = 47;
    public const int AddressInUse = 48;
    public const int AddressNotAvailable = 49;
    public const int NetworkUnreachable = 51;
    public const int NoBuffers = 55;
    public const int HostUnreachable = 65;
    public const int NotSupported = 102;

    /// <summary>EPERM for 1, and so on; <c>errno N</c> for a number that routing sockets do not give.</summary>
    public static string NameOf(int errno) =>
        errno switch
        {
            Permission => "EPERM",
            NoSuchEntry => "ESRCH",
            Interrupted => "EINTR",
            NoSuchDevice => "ENXIO",
            NoMemory => "ENOMEM",
            Busy => "EBUSY",
            Exists => "EEXIST",
            Invalid => "EINVAL",
            TryAgain => "EAGAIN",
            ProtocolNotSupported => "EPROTONOSUPPORT",
            FamilyNotSupported => "EAFNOSUPPORT",
            AddressInUse => "EADDRINUSE",
            AddressNotAvailable => "EADDRNOTAVAIL",
            NetworkUnreachable => "ENETUNREACH",
            NoBuffers => "ENOBUFS",
            HostUnreachable => "EHOSTUNREACH",
            NotSupported => "EOPNOTSUPP",
            _ => string.Create(CultureInfo.InvariantCulture, $"errno {errno}"),
        };
}
