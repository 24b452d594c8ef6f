using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using CF = RouteGuard.Platform.Native.Darwin.CoreFoundation;

namespace RouteGuard.Platform.MacOS;

/// <summary>CoreFoundation behind <see cref="IPropertyList"/>, and the few objects of it that requests need.</summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe class CoreFoundationProperties : IPropertyList
{
    private readonly nuint _text = CF.CFStringGetTypeID();
    private readonly nuint _number = CF.CFNumberGetTypeID();
    private readonly nuint _flag = CF.CFBooleanGetTypeID();
    private readonly nuint _items = CF.CFArrayGetTypeID();
    private readonly nuint _dictionary = CF.CFDictionaryGetTypeID();

    public PropertyKind KindOf(nint value)
    {
        var type = CF.CFGetTypeID(value);
        return type == _text ? PropertyKind.Text
            : type == _number ? PropertyKind.Number
            : type == _flag ? PropertyKind.Flag
            : type == _items ? PropertyKind.Items
            : type == _dictionary ? PropertyKind.Dictionary
            : PropertyKind.Other;
    }

    public string? TextOf(nint text)
    {
        var bytes = stackalloc byte[StoreValueReader.TextBytesMax + 1];
        return CF.CFStringGetCString(text, bytes, StoreValueReader.TextBytesMax + 1, CF.kCFStringEncodingUTF8) != 0
            ? Marshal.PtrToStringUTF8((nint)bytes)
            : null;
    }

    public long? NumberOf(nint number)
    {
        long value;
        return CF.CFNumberGetValue(number, CF.kCFNumberSInt64Type, &value) != 0 ? value : null;
    }

    public bool FlagOf(nint flag) => CF.CFBooleanGetValue(flag) != 0;

    public int CountOf(nint container)
    {
        var count =
            CF.CFGetTypeID(container) == _items ? CF.CFArrayGetCount(container) : CF.CFDictionaryGetCount(container);
        return (int)nint.Min(count, int.MaxValue);
    }

    public nint ItemAt(nint items, int at) => CF.CFArrayGetValueAtIndex(items, at);

    public void EntriesOf(nint dictionary, Span<nint> keys, Span<nint> values)
    {
        fixed (nint* firstKey = keys)
        fixed (nint* firstValue = values)
        {
            CF.CFDictionaryGetKeysAndValues(dictionary, firstKey, firstValue);
        }
    }

    /// <summary>A text of ours; an invalid handle when CoreFoundation has no room.</summary>
    public static CF.OwnedObject NewText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* first = bytes)
        {
            return CF.CFStringCreateWithBytes(0, first, bytes.Length, CF.kCFStringEncodingUTF8, isExternal: 0);
        }
    }

    /// <summary>An array of texts of ours, which keeps them alive by itself.</summary>
    public static CF.OwnedObject NewTexts(IReadOnlyList<string> texts)
    {
        var owned = new List<CF.OwnedObject>(texts.Count);
        try
        {
            foreach (var text in texts)
            {
                owned.Add(NewText(text));
            }

            nint[] values = [.. owned.Select(text => text.DangerousGetHandle()).Where(value => value != 0)];
            fixed (nint* first = values)
            {
                return CF.CFArrayCreate(0, first, values.Length, CF.TypeArrayCallBacks);
            }
        }
        finally
        {
            owned.ForEach(text => text.Dispose());
        }
    }
}
