using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Reconciling;

/// <summary>In what way a table differs from what live sessions rely on. A closed choice.</summary>
public enum DriftKind
{
    /// <summary>A route or rule is not there.</summary>
    Missing,

    /// <summary>Another value stands in its place.</summary>
    Changed,

    /// <summary>Something is there that a session had taken away.</summary>
    Extra,

    /// <summary>Addresses leave by the tunnel no more, though none of its routes moved.</summary>
    Coverage,

    /// <summary>A route that came leads past the tunnel.</summary>
    Bypass,
}

/// <summary>One difference from baseline and overlay while a session lives.</summary>
/// <param name="Family">Of the addresses that it concerns; null for what has none.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Writer">Who made it, for people; null when nobody says.</param>
/// <param name="Text">The whole of it in the words of <c>ip</c>.</param>
public sealed record Drift(IpFamily? Family, DriftKind Kind, string? Writer, string Text)
{
    public override string ToString() => Text;
}

/// <summary>How often something drifted since the guard was started.</summary>
/// <param name="Family">Null for what has none.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Actor">A program's name without its number: see <see cref="DriftTally.ActorOf"/>.</param>
/// <param name="Count">How often.</param>
public sealed record DriftCount(IpFamily? Family, DriftKind Kind, string Actor, long Count);

/// <summary>Counts drifts by family, kind and actor, with a bound on how many actors are told apart.</summary>
public sealed class DriftTally
{
    /// <summary>Actors that are told apart; later ones are counted as <see cref="Others"/>. A program chooses its own
    /// name, so without a bound it could fill the memory of whoever keeps the counts.</summary>
    public const int ActorsMax = 16;

    public const int ActorLengthMax = 32;

    /// <summary>Nobody says who it was.</summary>
    public const string Unknown = "unknown";

    public const string Others = "other";

    private readonly HashSet<string> _actors = new(StringComparer.Ordinal);
    private readonly Dictionary<(IpFamily? Family, DriftKind Kind, string Actor), long> _counts = [];

    public void Add(Drift drift)
    {
        var actor = ActorOf(drift.Writer);
        if (!_actors.Contains(actor) && _actors.Count >= ActorsMax)
        {
            actor = Others;
        }

        _actors.Add(actor);
        var key = (drift.Family, drift.Kind, actor);
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    public IReadOnlyList<DriftCount> Counts() =>
        [.. _counts.Select(one => new DriftCount(one.Key.Family, one.Key.Kind, one.Key.Actor, one.Value))];

    /// <summary>The program's own name out of "name (pid 66)" or "/path/name (pid 66)", of harmless letters
    /// only.</summary>
    public static string ActorOf(string? writer)
    {
        var name = writer ?? string.Empty;
        var end = name.LastIndexOf(" (", StringComparison.Ordinal);
        name = end < 0 ? name : name[..end];
        name = name[(name.LastIndexOf('/') + 1)..];
        var letters = name.Take(ActorLengthMax)
            .Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_');
        var actor = string.Concat(letters);
        return actor.Length == 0 ? Unknown : actor;
    }
}

/// <summary>Something wanted that cannot be had.</summary>
/// <param name="Family">Whose; null when it is no family's alone.</param>
/// <param name="Text">A sentence.</param>
public sealed record Loss(IpFamily? Family, string Text);
