namespace RouteGuard.Platform.MacOS;

/// <summary>The kinds of property list values that network settings are made of.</summary>
internal enum PropertyKind
{
    Other,
    Text,
    Number,
    Flag,
    Items,
    Dictionary,
}

/// <summary>Looks into property list values by their address. Behind it is CoreFoundation, or a test's own
/// tree.</summary>
/// <remarks>Addresses are borrowed: nothing is kept, nothing is released. Asked only for what the kind
/// allows.</remarks>
internal interface IPropertyList
{
    PropertyKind KindOf(nint value);

    /// <summary>Null for a text of more than <see cref="StoreValueReader.TextBytesMax"/> bytes.</summary>
    string? TextOf(nint text);

    /// <summary>Null for a number that is no 64-bit integer.</summary>
    long? NumberOf(nint number);

    bool FlagOf(nint flag);

    int CountOf(nint container);

    nint ItemAt(nint items, int at);

    /// <summary>Fills both, which are as long as the dictionary has entries.</summary>
    void EntriesOf(nint dictionary, Span<nint> keys, Span<nint> values);
}
