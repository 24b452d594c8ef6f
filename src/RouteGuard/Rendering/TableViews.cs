using System.Text.Json.Serialization;
using RouteGuard.Doctor;
using RouteGuard.Manual;
using RouteGuard.Story;

namespace RouteGuard.Rendering;

/// <summary><c>routes --json</c></summary>
/// <param name="At">When the kernel was read.</param>
/// <param name="Routes">As the kernel has them, ascending.</param>
/// <param name="Rules">Policy rules in the words of <c>ip rule</c>.</param>
/// <param name="Note">Why owners are not known; absent when they are.</param>
internal sealed record RoutesView(
    DateTimeOffset At,
    IReadOnlyList<OwnedRouteView> Routes,
    IReadOnlyList<string> Rules,
    string? Note
);

/// <summary>A route and whose it is.</summary>
/// <param name="Owner">kernel, session, baseline, foreign, or machine where no session is open.</param>
/// <param name="Session">Which session, if it is one's.</param>
/// <param name="Writer">Who installed it, by its own word; absent when nobody says.</param>
/// <param name="Route">In the words of <c>ip route</c>.</param>
internal sealed record OwnedRouteView(string Owner, string? Session, string? Writer, string Route);

/// <summary><c>diff --json</c></summary>
/// <param name="From">Name of the first table.</param>
/// <param name="To">Name of the second table.</param>
/// <param name="Removed">Routes that only the first has.</param>
/// <param name="Added">Routes that only the second has.</param>
/// <param name="Changed">Routes that both have, with another value.</param>
/// <param name="RemovedRules">Policy rules that only the first has.</param>
/// <param name="AddedRules">Policy rules that only the second has.</param>
internal sealed record DiffView(
    string From,
    string To,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Added,
    IReadOnlyList<ChangedRouteView> Changed,
    IReadOnlyList<string> RemovedRules,
    IReadOnlyList<string> AddedRules
);

/// <summary>The same entry with another value.</summary>
/// <param name="Before">As the first table has it.</param>
/// <param name="After">As the second table has it.</param>
internal sealed record ChangedRouteView(string Before, string After);

/// <summary><c>why --json</c></summary>
/// <param name="Address">Asked for.</param>
/// <param name="Winner">The route that decides by the tables; absent when none leads there.</param>
/// <param name="Rule">The policy rule that led to it or refused; absent where there are no rules.</param>
/// <param name="RunnersUp">What would decide next, in order.</param>
/// <param name="KernelSays">The interface that the kernel names when it is asked; absent when it says
/// none.</param>
/// <param name="Agrees">The kernel and the tables say the same.</param>
/// <param name="Wanted">Whether RouteGuard wants the winner so; absent when no session is open.</param>
/// <param name="IfTunnelDied">One entry for each tunnel of an open session.</param>
/// <param name="NotUnderstood">Rules that ask for more than an address and were passed over.</param>
internal sealed record WhyView(
    string Address,
    OwnedRouteView? Winner,
    string? Rule,
    IReadOnlyList<OwnedRouteView> RunnersUp,
    string? KernelSays,
    bool Agrees,
    bool? Wanted,
    IReadOnlyList<DeathView> IfTunnelDied,
    IReadOnlyList<string> NotUnderstood
);

/// <summary>What would become of the way if a tunnel died.</summary>
/// <param name="Session">Whose tunnel.</param>
/// <param name="Tunnel">Its name.</param>
/// <param name="AtOnce">The route that would decide before anything is put back; absent for none.</param>
/// <param name="Restored">The route that would decide after a restore; absent for none, or when the policy is to hold
/// or to keep.</param>
/// <param name="Policy">restore, hold or keep.</param>
internal sealed record DeathView(string Session, string Tunnel, string? AtOnce, string? Restored, string Policy);

/// <summary>Writing of what only the command line says, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true
)]
[JsonSerializable(typeof(RoutesView))]
[JsonSerializable(typeof(DiffView))]
[JsonSerializable(typeof(WhyView))]
[JsonSerializable(typeof(BlameView))]
[JsonSerializable(typeof(WatchView))]
[JsonSerializable(typeof(DoctorView))]
[JsonSerializable(typeof(VersionView))]
internal sealed partial class CliJson : JsonSerializerContext;
