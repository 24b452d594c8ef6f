using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Notices between programs: notify(3).</content>
internal static partial class Darwin
{
    internal static unsafe partial class Notify
    {
        public const uint NOTIFY_STATUS_OK = 0;

        /// <summary>Each notice is the token, in network byte order.</summary>
        public const int NoticeBytes = sizeof(int);

        /// <summary>What configd posts whenever it changed something about networks (SCNetwork.h
        /// kNotifySCNetworkChange).</summary>
        public const string NetworkChange = "com.apple.system.config.network_change";

        /// <summary>Makes a descriptor that can be read after each notice of that name.</summary>
        /// <param name="name">Such as <see cref="NetworkChange"/>.</param>
        /// <param name="notices">Belongs to the library, which closes it when the token is cancelled.</param>
        /// <param name="token">For <see cref="notify_cancel"/>.</param>
        /// <returns>A NOTIFY_STATUS; the handle is invalid unless it is OK.</returns>
        public static uint notify_register_file_descriptor(string name, out SafeFileHandle notices, out int token)
        {
            var descriptor = -1;
            var registered = 0;
            var status = notify_register_file_descriptor_(name, &descriptor, 0, &registered);
            notices = new(status == NOTIFY_STATUS_OK ? descriptor : -1, ownsHandle: false);
            token = registered;
            return status;
        }

        /// <summary>Ends a registration, and closes its descriptor.</summary>
        [LibraryImport(LibSystem)]
        public static partial uint notify_cancel(int token);

        [LibraryImport(
            LibSystem,
            EntryPoint = "notify_register_file_descriptor",
            StringMarshalling = StringMarshalling.Utf8
        )]
        private static partial uint notify_register_file_descriptor_(
            string name,
            int* descriptor,
            int flags,
            int* token
        );
    }
}
