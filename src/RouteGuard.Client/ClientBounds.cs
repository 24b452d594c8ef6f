namespace RouteGuard.Client;

/// <summary>How long and how much: what no daemon, and nothing in its place, can make the client exceed.</summary>
internal sealed record ClientBounds
{
    /// <summary>One question, with all that follows from it: a restore of a very large table takes seconds.</summary>
    public TimeSpan AnswerMax { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>Connections at once; more questions wait for one.</summary>
    public int ConnectionsMax { get; init; } = 16;

    /// <summary>Shorter than the daemon keeps an idle connection, so that a kept one is rarely dead.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All headers of one answer; a multiple of 1024.</summary>
    public int HeaderBytesMax { get; init; } = 64 * 1024;

    /// <summary>An answer that lists no routes, and every refusal.</summary>
    public int AnswerBytesMax { get; init; } = 1024 * 1024;

    /// <summary>An answer that lists routes: half a million of a hundred letters each.</summary>
    public int TableBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>An unfinished operation is not asked for more often; the daemon itself waits a second.</summary>
    public TimeSpan FollowEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Questions after one operation; so many fit into <see cref="AnswerMax"/>.</summary>
    public int FollowsMax { get; init; } = 350;

    /// <summary>One event with its id, and one line of the stream.</summary>
    public int EventBytesMax { get; init; } = 64 * 1024;

    /// <summary>A stream that says nothing for this long is dead; the daemon speaks every 15 s.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Wait before a stream is opened again, at least.</summary>
    public TimeSpan ReconnectWaitMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>And when neither the daemon nor an earlier failure asked for more.</summary>
    public TimeSpan ReconnectWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>And at most, whatever the daemon asks for.</summary>
    public TimeSpan ReconnectWaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Streams that fail one after the other, without an event in between, before it is given up.</summary>
    public int ReconnectsMax { get; init; } = 10;
}
