namespace RouteGuard.Daemon;

/// <summary>Every bound of the daemon's API, each with its reason. What has a Usual, a Min and a Max can be set in the
/// configuration file.</summary>
internal static class Limits
{
    /// <summary>The longest path is a session's; 8 KiB is what HTTP servers commonly take.</summary>
    public const int RequestLineBytesMax = 8 * 1024;

    /// <summary>All headers of a request; no client needs a tenth of it.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    public const int HeadersMax = 50;

    /// <summary>A session's body is some hundred bytes.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Room for ten thousand routes of a hundred letters each.</summary>
    public const int UpBodyBytesMax = 1024 * 1024;

    /// <summary>What Kestrel reads ahead of one connection: all connections together stay below 32 MiB.</summary>
    public const int ReadAheadBytesMax = 64 * 1024;

    /// <summary>Headers come in one piece from an honest client.</summary>
    public static readonly TimeSpan HeaderWaitMax = TimeSpan.FromSeconds(5);

    /// <summary>A body, or a reader of an answer, that is slower than this …</summary>
    public const int BytesPerSecondMin = 240;

    /// <summary>… for longer than this is cut.</summary>
    public static readonly TimeSpan SlowMax = TimeSpan.FromSeconds(2);

    /// <summary>A whole body, however fast each part of it came.</summary>
    public static readonly TimeSpan BodyWaitMax = TimeSpan.FromSeconds(10);

    /// <summary>A connection that asks nothing.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);

    /// <summary>Connections in all: an eighth of the open files that the service may have.</summary>
    public const int ConnectionsMax = 512;

    /// <summary>Of these, kept for root, the daemon's own user and the group: strangers cannot shut them out.</summary>
    public const int ConnectionsKept = 64;

    /// <summary>Connections of one user who is none of those.</summary>
    public const int ConnectionsPerUserUsual = 128;
    public const int ConnectionsPerUserMin = 1;
    public const int ConnectionsPerUserMax = ConnectionsMax - ConnectionsKept;

    /// <summary>Room in Kestrel's own bound for those that are being turned away.</summary>
    public const int ConnectionsTurnedAwayMax = 64;

    /// <summary>Connections of the loopback listener, which are counted apart.</summary>
    public const int LoopbackConnectionsMax = 64;

    /// <summary>Event streams in all; each gets every event.</summary>
    public const int StreamsMax = 16;

    /// <summary>Event streams of one user.</summary>
    public const int StreamsPerUserUsual = 4;
    public const int StreamsPerUserMin = 1;
    public const int StreamsPerUserMax = StreamsMax;

    /// <summary>Requests of one user a second: a hundred pollers, twice.</summary>
    public const int RequestsPerSecondUsual = 200;
    public const int RequestsPerSecondMin = 1;
    public const int RequestsPerSecondMax = 10_000;

    /// <summary>Who was silent may ask so many seconds' worth at once.</summary>
    public const int BurstSeconds = 2;

    /// <summary>Who asks too often waits so long to be told, and his connection with him: with all that one user may
    /// have, that is a few hundred refusals a second.</summary>
    public static readonly TimeSpan RefusalHeld = TimeSpan.FromMilliseconds(500);

    /// <summary>Root, the daemon's own user and the group may ask so many times as much.</summary>
    public const int PrivilegedFactor = 10;

    /// <summary>
    /// Rates that are kept apart: a user's number modulo this. One person may have thousands of user numbers
    /// (subuid(5)); memory for rates must not grow with them.
    /// </summary>
    public const int RateSlots = 1024;

    /// <summary>A handler that is no stream answers within this, if only to say that it goes on.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    /// <summary>What Retry-After says.</summary>
    public const int RetrySeconds = 1;

    /// <summary>Questions that may wait for the guard; more are refused at once.</summary>
    public const int QuestionsMax = 64;

    /// <summary>Of these, for users who only have a session: in all …</summary>
    public const int QuestionsOfOthersMax = 16;

    /// <summary>… and for one.</summary>
    public const int QuestionsPerOtherMax = 4;

    /// <summary>Answers that came later than <see cref="AnswerMax"/> and can still be fetched: so many …</summary>
    public const int OperationsMax = 64;

    /// <summary>… and so much. The newest is kept in any case; a table of 100,000 routes is some megabytes.</summary>
    public const int OperationBytesMax = 16 * 1024 * 1024;

    /// <summary>A configuration with every key is some hundred bytes.</summary>
    public const int ConfigurationBytesMax = 64 * 1024;
}
