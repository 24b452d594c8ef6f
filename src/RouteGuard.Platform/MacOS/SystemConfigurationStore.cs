using System.Runtime.Versioning;
using CF = RouteGuard.Platform.Native.Darwin.CoreFoundation;
using SC = RouteGuard.Platform.Native.Darwin.SystemConfiguration;

namespace RouteGuard.Platform.MacOS;

/// <summary>configd's own store behind <see cref="IDynamicStore"/>. Used by one thread at a time: SCError is of the
/// thread.</summary>
/// <remarks>Sources: SCDynamicStore.h, SCNetworkConfiguration.h; configd SystemConfiguration.fproj/SCDOpen.c.</remarks>
[SupportedOSPlatform("macos")]
internal sealed class SystemConfigurationStore : IDynamicStore
{
    /// <summary>Only network settings are touched: the library ends a program that writes to a protected key
    /// (_SCD.c).</summary>
    private const string WritablePrefix = "State:/Network/";

    private const string SessionName = "routeguard";

    /// <summary>kSCStatusNoStoreSession: configd knows this session no more.</summary>
    private const int NoStoreSession = 2001;

    /// <summary>More interfaces than any machine has.</summary>
    private const int InterfacesMax = 4096;

    private readonly CoreFoundationProperties _properties = new();
    private readonly StoreValueReader _reader;
    private CF.OwnedObject? _session;

    public SystemConfigurationStore() => _reader = new(_properties);

    /// <inheritdoc/>
    public int Read(
        IReadOnlyList<string> keys,
        IReadOnlyList<string> patterns,
        out IReadOnlyDictionary<string, StoreValue> values
    )
    {
        using var ownKeys = CoreFoundationProperties.NewTexts(keys);
        using var ownPatterns = CoreFoundationProperties.NewTexts(patterns);
        IReadOnlyDictionary<string, StoreValue> read = new Dictionary<string, StoreValue>();
        var status =
            ownKeys.IsInvalid || ownPatterns.IsInvalid
                ? DynamicStoreStatus.Failed
                : Ask(session =>
                {
                    using var answer = SC.SCDynamicStoreCopyMultiple(session, ownKeys, ownPatterns);
                    var error = StatusOf(!answer.IsInvalid);
                    if (error == DynamicStoreStatus.Ok)
                    {
                        read = _reader.ReadAll(answer.DangerousGetHandle());
                    }

                    return error;
                });
        values = read;
        return status;
    }

    /// <inheritdoc/>
    public int Notify(string key) => Write(key, SC.SCDynamicStoreNotifyValue);

    /// <inheritdoc/>
    public int Remove(string key) => Write(key, SC.SCDynamicStoreRemoveValue);

    /// <inheritdoc/>
    public int Refresh(string interfaceName)
    {
        using var all = SC.SCNetworkInterfaceCopyAll();
        if (all.IsInvalid)
        {
            return StatusOf(isDone: false);
        }

        // The interfaces and their names are the array's: they live as long as it does.
        var count = Math.Min(_properties.CountOf(all.DangerousGetHandle()), InterfacesMax);
        for (var at = 0; at < count; at++)
        {
            var one = _properties.ItemAt(all.DangerousGetHandle(), at);
            var name = SC.SCNetworkInterfaceGetBSDName(one);
            if (name != 0 && string.Equals(_properties.TextOf(name), interfaceName, StringComparison.Ordinal))
            {
                return StatusOf(SC.SCNetworkInterfaceForceConfigurationRefresh(one) != 0);
            }
        }

        return DynamicStoreStatus.NoKey;
    }

    public void Dispose() => CloseSession();

    private int Write(string key, Func<CF.OwnedObject, CF.OwnedObject, byte> write)
    {
        if (!key.StartsWith(WritablePrefix, StringComparison.Ordinal))
        {
            return DynamicStoreStatus.InvalidArgument;
        }

        using var ownKey = CoreFoundationProperties.NewText(key);
        return ownKey.IsInvalid ? DynamicStoreStatus.Failed : Ask(session => StatusOf(write(session, ownKey) != 0));
    }

    /// <summary>Asks configd; after its restart, once more with a new session.</summary>
    private int Ask(Func<CF.OwnedObject, int> ask)
    {
        var status = AskOnce(ask);
        if (status is DynamicStoreStatus.NoStoreServer or NoStoreSession)
        {
            CloseSession();
            status = AskOnce(ask);
        }

        return status;
    }

    private int AskOnce(Func<CF.OwnedObject, int> ask)
    {
        if (_session is null)
        {
            using var name = CoreFoundationProperties.NewText(SessionName);
            if (name.IsInvalid)
            {
                return DynamicStoreStatus.Failed;
            }

            var opened = SC.SCDynamicStoreCreate(0, name, callBack: 0, context: 0);
            if (opened.IsInvalid)
            {
                var status = StatusOf(isDone: false);
                opened.Dispose();
                return status;
            }

            _session = opened;
        }

        return ask(_session);
    }

    /// <summary>Directly after a call: 0, or why it failed. A failure without a reason is one all the same.</summary>
    private static int StatusOf(bool isDone) =>
        isDone ? DynamicStoreStatus.Ok
        : SC.SCError() is not DynamicStoreStatus.Ok and var status ? status
        : DynamicStoreStatus.Failed;

    private void CloseSession()
    {
        _session?.Dispose();
        _session = null;
    }
}
