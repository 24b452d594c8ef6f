using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>Property list values: CoreFoundation.</content>
/// <remarks>
/// The create rule: what a function with Create or Copy in its name returns is ours and is released once, which is what
/// <see cref="OwnedObject"/> does. What a function with Get returns is somebody else's, is never released, and lives as
/// long as what it was taken from: it is a plain number here. CFIndex is nint, Boolean a byte, CFTypeID nuint.
/// </remarks>
internal static partial class Darwin
{
    internal static unsafe partial class CoreFoundation
    {
        public const uint kCFStringEncodingUTF8 = 0x08000100;

        /// <summary>A CFNumberType, which is a CFIndex.</summary>
        public const nint kCFNumberSInt64Type = 4;

        private const string Framework = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation";

        private static readonly Lazy<nint> ArrayCallBacks = new(() =>
            NativeLibrary.GetExport(NativeLibrary.Load(Framework), "kCFTypeArrayCallBacks")
        );

        /// <summary>kCFTypeArrayCallBacks: an array made with it retains what it holds. An address to be passed on,
        /// never looked at.</summary>
        public static nint TypeArrayCallBacks => ArrayCallBacks.Value;

        [LibraryImport(Framework)]
        public static partial OwnedObject CFStringCreateWithBytes(
            nint allocator,
            byte* bytes,
            nint lengthBytes,
            uint encoding,
            byte isExternal
        );

        [LibraryImport(Framework)]
        public static partial OwnedObject CFArrayCreate(nint allocator, nint* values, nint count, nint callBacks);

        [LibraryImport(Framework)]
        public static partial nuint CFGetTypeID(nint value);

        [LibraryImport(Framework)]
        public static partial nuint CFStringGetTypeID();

        [LibraryImport(Framework)]
        public static partial nuint CFNumberGetTypeID();

        [LibraryImport(Framework)]
        public static partial nuint CFBooleanGetTypeID();

        [LibraryImport(Framework)]
        public static partial nuint CFArrayGetTypeID();

        [LibraryImport(Framework)]
        public static partial nuint CFDictionaryGetTypeID();

        /// <summary>Writes the text and a closing zero.</summary>
        /// <returns>0 when it does not fit or cannot be said in that encoding.</returns>
        [LibraryImport(Framework)]
        public static partial byte CFStringGetCString(nint text, byte* into, nint lengthBytes, uint encoding);

        /// <returns>0 when the value does not fit into the type.</returns>
        [LibraryImport(Framework)]
        public static partial byte CFNumberGetValue(nint number, nint type, void* into);

        [LibraryImport(Framework)]
        public static partial byte CFBooleanGetValue(nint flag);

        [LibraryImport(Framework)]
        public static partial nint CFArrayGetCount(nint array);

        [LibraryImport(Framework)]
        public static partial nint CFArrayGetValueAtIndex(nint array, nint at);

        [LibraryImport(Framework)]
        public static partial nint CFDictionaryGetCount(nint dictionary);

        /// <summary>Fills both arrays, which must have room for all entries.</summary>
        [LibraryImport(Framework)]
        public static partial void CFDictionaryGetKeysAndValues(nint dictionary, nint* keys, nint* values);

        [LibraryImport(Framework)]
        private static partial void CFRelease(nint value);

        /// <summary>An object that we own: released once, never when it is null.</summary>
        internal sealed class OwnedObject() : SafeHandle(0, ownsHandle: true)
        {
            public override bool IsInvalid => handle == 0;

            protected override bool ReleaseHandle()
            {
                CFRelease(handle);
                return true;
            }
        }
    }
}
