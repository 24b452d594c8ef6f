using System.CommandLine;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;
using RouteGuard.Rendering;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Commands;

/// <summary>What a reading command knows beside the kernel: the stored sessions, or why it may not see
/// them.</summary>
/// <param name="Reading">What is stored.</param>
/// <param name="WhyNot">Why it could not be read; null when it was.</param>
internal sealed record Stored(StateReading Reading, string? WhyNot)
{
    /// <summary>For a table that is not this machine's.</summary>
    public static Stored OfAnother { get; } = new(StateReading.Nothing, "a record holds no sessions.");

    public IReadOnlyList<StoredSession> Open => Reading.Open;

    /// <summary>Reads it; that it is root's is no reason for a command to fail that can say something without
    /// it.</summary>
    public static Stored TryRead(CommandLine line, ParseResult parsed)
    {
        try
        {
            return new(line.Surroundings.ReadState(line.DirectoriesOf(parsed)), null);
        }
        catch (StateStoreException refused)
        {
            return new(StateReading.Nothing, refused.Message);
        }
    }

    public OwnedRouteView View(Route route, InterfaceNames names)
    {
        var owner = RouteOwner.Of(route, Open);
        return new(
            Core.Api.View.Word(owner.Kind),
            owner.Session?.Value,
            owner.Writer.Length > 0 ? owner.Writer : null,
            RouteText.Print(route, names)
        );
    }
}
