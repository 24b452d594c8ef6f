using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>configd: SystemConfiguration.</content>
internal static partial class Darwin
{
    internal static partial class SystemConfiguration
    {
        private const string Framework = "/System/Library/Frameworks/SystemConfiguration.framework/SystemConfiguration";

        /// <summary>A session without a callback: nothing of ours is ever called.</summary>
        [LibraryImport(Framework)]
        public static partial CoreFoundation.OwnedObject SCDynamicStoreCreate(
            nint allocator,
            CoreFoundation.OwnedObject name,
            nint callBack,
            nint context
        );

        [LibraryImport(Framework)]
        public static partial CoreFoundation.OwnedObject SCDynamicStoreCopyMultiple(
            CoreFoundation.OwnedObject store,
            CoreFoundation.OwnedObject keys,
            CoreFoundation.OwnedObject patterns
        );

        [LibraryImport(Framework)]
        public static partial byte SCDynamicStoreNotifyValue(
            CoreFoundation.OwnedObject store,
            CoreFoundation.OwnedObject key
        );

        [LibraryImport(Framework)]
        public static partial byte SCDynamicStoreRemoveValue(
            CoreFoundation.OwnedObject store,
            CoreFoundation.OwnedObject key
        );

        [LibraryImport(Framework)]
        public static partial CoreFoundation.OwnedObject SCNetworkInterfaceCopyAll();

        /// <returns>A CFString of the interface's own, or null.</returns>
        [LibraryImport(Framework)]
        public static partial nint SCNetworkInterfaceGetBSDName(nint @interface);

        [LibraryImport(Framework)]
        public static partial byte SCNetworkInterfaceForceConfigurationRefresh(nint @interface);

        /// <summary>Why the last call of this thread failed.</summary>
        [LibraryImport(Framework)]
        public static partial int SCError();
    }
}
