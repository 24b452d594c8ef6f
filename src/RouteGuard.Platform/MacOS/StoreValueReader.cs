namespace RouteGuard.Platform.MacOS;

/// <summary>Turns a tree of property list values into ours. Total, and bounded in depth, width and sum.</summary>
/// <remarks>Any program that runs as root may write anything into the store, so nothing about it is believed.</remarks>
internal sealed class StoreValueReader(IPropertyList properties)
{
    /// <summary>Longer texts are left out; no address, name or signature comes near.</summary>
    public const int TextBytesMax = 4096;

    /// <summary>Wider containers are left out.</summary>
    public const int EntriesMax = 4096;

    /// <summary>Of one reading; what comes after is left out.</summary>
    public const int ValuesMax = 100_000;

    private int _read;

    /// <summary>Reads the answer of a store: a dictionary by key.</summary>
    /// <returns>Empty for anything else.</returns>
    public IReadOnlyDictionary<string, StoreValue> ReadAll(nint dictionary)
    {
        _read = 0;
        return Read(dictionary, depth: 0) is StoreValue.Dictionary all
            ? all.Values
            : new Dictionary<string, StoreValue>();
    }

    private StoreValue Read(nint value, int depth)
    {
        // The answer itself is no level of the value that a key has.
        if (value == 0 || depth > StoreValue.DepthMax || ++_read > ValuesMax)
        {
            return new StoreValue.Other();
        }

        return properties.KindOf(value) switch
        {
            PropertyKind.Text when properties.TextOf(value) is { } text => new StoreValue.Text(text),
            PropertyKind.Number when properties.NumberOf(value) is { } number => new StoreValue.Number(number),
            PropertyKind.Flag => new StoreValue.Flag(properties.FlagOf(value)),
            PropertyKind.Items when TryCount(value, out var count) => ReadItems(value, count, depth),
            PropertyKind.Dictionary when TryCount(value, out var count) => ReadEntries(value, count, depth),
            _ => new StoreValue.Other(),
        };
    }

    private bool TryCount(nint container, out int count)
    {
        count = properties.CountOf(container);
        return count is >= 0 and <= EntriesMax;
    }

    private StoreValue.Items ReadItems(nint items, int count, int depth)
    {
        var values = new StoreValue[count];
        for (var at = 0; at < count; at++)
        {
            values[at] = Read(properties.ItemAt(items, at), depth + 1);
        }

        return new(values);
    }

    private StoreValue.Dictionary ReadEntries(nint dictionary, int count, int depth)
    {
        var keys = new nint[count];
        var values = new nint[count];
        properties.EntriesOf(dictionary, keys, values);
        var read = new Dictionary<string, StoreValue>(count, StringComparer.Ordinal);
        for (var at = 0; at < count; at++)
        {
            // A key of another kind names nothing that anybody asks for.
            if (
                keys[at] != 0
                && properties.KindOf(keys[at]) == PropertyKind.Text
                && properties.TextOf(keys[at]) is { } key
            )
            {
                read[key] = Read(values[at], depth + 1);
            }
        }

        return new(read);
    }
}
