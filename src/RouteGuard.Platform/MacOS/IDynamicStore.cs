namespace RouteGuard.Platform.MacOS;

/// <summary>configd's store of network settings (SystemConfiguration, SCDynamicStore).</summary>
/// <remarks>A refusal is a status of <see cref="DynamicStoreStatus"/>, never an exception.</remarks>
internal interface IDynamicStore : IDisposable
{
    /// <summary>SCDynamicStoreCopyMultiple: every key of the list, and every key that a pattern matches whole.</summary>
    /// <param name="keys">Such as <c>State:/Network/Global/IPv4</c>.</param>
    /// <param name="patterns">POSIX regular expressions, such as <c>State:/Network/Service/[^/]+/IPv4</c>.</param>
    /// <param name="values">What there is, by key. Empty when the store cannot be asked.</param>
    /// <returns>0, or why the store cannot be asked.</returns>
    int Read(
        IReadOnlyList<string> keys,
        IReadOnlyList<string> patterns,
        out IReadOnlyDictionary<string, StoreValue> values
    );

    /// <summary>SCDynamicStoreNotifyValue: tells whoever watches the key that it changed, without changing it.</summary>
    /// <returns>0, or why not.</returns>
    int Notify(string key);

    /// <summary>SCDynamicStoreRemoveValue.</summary>
    /// <returns>0, kSCStatusNoKey when it was gone already, or why not.</returns>
    int Remove(string key);

    /// <summary>SCNetworkInterfaceForceConfigurationRefresh: asks DHCP, or the router, once more.</summary>
    /// <returns>0, or why not.</returns>
    int Refresh(string interfaceName);
}

/// <summary>SCError() (SystemConfiguration/SystemConfiguration.h).</summary>
internal static class DynamicStoreStatus
{
    public const int Ok = 0;
    public const int Failed = 1001;
    public const int InvalidArgument = 1002;
    public const int AccessError = 1003;
    public const int NoKey = 1004;
    public const int NoStoreServer = 2002;

    /// <summary>kSCStatusNoKey for 1004, and so on.</summary>
    public static string NameOf(int status) =>
        status switch
        {
            Failed => "kSCStatusFailed",
            InvalidArgument => "kSCStatusInvalidArgument",
            AccessError => "kSCStatusAccessError",
            NoKey => "kSCStatusNoKey",
            NoStoreServer => "kSCStatusNoStoreServer",
            _ => $"SCError {status}",
        };
}

/// <summary>A property list value. A closed choice.</summary>
internal abstract record StoreValue
{
    /// <summary>Deeper values are left out when a store is read; configd's own are three deep.</summary>
    public const int DepthMax = 8;

    private StoreValue() { }

    public sealed record Text(string Value) : StoreValue;

    public sealed record Number(long Value) : StoreValue;

    public sealed record Flag(bool Value) : StoreValue;

    public sealed record Items(IReadOnlyList<StoreValue> Values) : StoreValue;

    public sealed record Dictionary(IReadOnlyDictionary<string, StoreValue> Values) : StoreValue;

    /// <summary>A kind that no network setting has (data, date), or one that lies too deep.</summary>
    public sealed record Other : StoreValue;
}
