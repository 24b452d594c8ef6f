using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Sessions;

/// <summary>The name of one session: lower-case letters, digits and hyphens, 1 to 64, starting with a letter.</summary>
public readonly record struct SessionId
{
    public const int LengthMax = 64;

    private SessionId(string value) => Value = value;

    public string Value => field ?? string.Empty;

    public static SessionId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a session id.");

    /// <summary>Refuses anything that could mean something in a path.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SessionId id)
    {
        var fits =
            text is { Length: > 0 and <= LengthMax }
            && char.IsAsciiLetterLower(text[0])
            && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        id = fits ? new(text!) : default;
        return fits;
    }

    public override string ToString() => Value;
}

/// <summary>A process that cannot be mistaken for a later one with the same number.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Linux: clock ticks since boot (/proc/PID/stat field 22). macOS: microseconds of
/// start.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime);

/// <summary>Where a session is in its life.</summary>
public enum SessionPhase
{
    /// <summary>The baseline is on disk; the VPN may touch the table.</summary>
    Begun,

    /// <summary>The overlay is known.</summary>
    Up,

    /// <summary>A restore was begun and is not finished.</summary>
    Restoring,

    /// <summary>The VPN is dead, and nothing leaves the machine until somebody asks for a restore.</summary>
    Holding,

    Closed,
}

/// <summary>What to do when the VPN dies.</summary>
public enum DeathPolicy
{
    /// <summary>Baseline back, overlay removed.</summary>
    Restore,

    /// <summary>Report only.</summary>
    Keep,

    /// <summary>Fail closed: no packet leaves by a default until a restore is asked for or a session begins.</summary>
    Hold,
}

/// <summary>What to do when somebody moves a live session's routes.</summary>
public enum DriftPolicy
{
    /// <summary>Put them back.</summary>
    Reassert,

    /// <summary>Report only.</summary>
    Report,

    /// <summary>Give the session up: baseline back, overlay removed.</summary>
    Restore,
}

/// <summary>One run of one VPN.</summary>
public sealed record Session
{
    public const int SchemaVersion = 1;

    public const int LabelLengthMax = 64;

    /// <summary>The shortest and the longest time between two signs of life.</summary>
    public static readonly TimeSpan LeaseMin = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LeaseMax = TimeSpan.FromHours(1);

    public required SessionId Id { get; init; }

    /// <summary>What the user calls the VPN; printable, for people only.</summary>
    public string Label { get; init; } = string.Empty;

    /// <summary>The VPN's process; null when only the tunnel tells.</summary>
    public ProcessIdentity? Owner { get; init; }

    /// <summary>Who began it.</summary>
    public uint BegunByUid { get; init; }

    /// <summary>The tunnel's name, declared or learned.</summary>
    public string? Tunnel { get; init; }

    /// <summary>The tunnel's number once it was seen; a tunnel that comes back under another number is another
    /// one.</summary>
    public InterfaceIndex TunnelIndex { get; init; }

    public SessionPhase Phase { get; init; } = SessionPhase.Begun;

    public DeathPolicy OnDeath { get; init; } = DeathPolicy.Restore;

    public DriftPolicy OnDrift { get; init; } = DriftPolicy.Reassert;

    /// <summary>A VPN that gives no sign of life for this long is dead; null when it gives none.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Answers an echo request through the tunnel while the VPN works; null when nobody is asked.</summary>
    public IpAddress? Probe { get; init; }

    /// <summary>Until then the overlay must be confirmed, or it is rolled back; null when it needs not.</summary>
    public DateTimeOffset? ConfirmBy { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    public required string BootId { get; init; }

    public Overlay Overlay { get; init; } = Overlay.Empty;
}
