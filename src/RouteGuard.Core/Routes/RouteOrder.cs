namespace RouteGuard.Core.Routes;

/// <summary>The one order of routes: by key, so that equal keys are neighbours and two tables merge in one
/// walk.</summary>
public sealed class RouteOrder : IComparer<Route>
{
    private RouteOrder() { }

    public static RouteOrder ByKey { get; } = new();

    public int Compare(Route? x, Route? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var entry = CompareEntry(x, y);
        return entry != 0 ? entry : x.Ordinal.CompareTo(y.Ordinal);
    }

    /// <summary>Compares by key without the ordinal.</summary>
    public static int CompareEntry(Route x, Route y)
    {
        var order = ComparePlace(x, y);
        if (order != 0 || x.Family == IpFamily.V4)
        {
            return order;
        }

        order = Nullable.Compare(x.Attributes.Source, y.Attributes.Source);
        return order != 0 || x.NextHop.Equals(y.NextHop) ? order : CompareSiblings(x.NextHop, y.NextHop);
    }

    /// <summary>Compares by what all kernels count as key: neither siblings of IPv6 nor entries of equal key are told
    /// apart.</summary>
    public static int ComparePlace(Route x, Route y)
    {
        // An enum's own CompareTo would put both sides on the heap, a million times for a large table.
        var order = ((byte)x.Family).CompareTo((byte)y.Family);
        order = order != 0 ? order : x.Table.CompareTo(y.Table);
        order = order != 0 ? order : x.Destination.CompareTo(y.Destination);
        order = order != 0 ? order : x.Tos.CompareTo(y.Tos);
        order = order != 0 ? order : x.Metric.CompareTo(y.Metric);
        order = order != 0 ? order : x.IsHostEntry.CompareTo(y.IsHostEntry);
        return order != 0 ? order : x.ScopeInterface.CompareTo(y.ScopeInterface);
    }

    // Any total order will do; the text of a next hop is unique because it can be read back.
    private static int CompareSiblings(NextHop x, NextHop y) =>
        string.CompareOrdinal(RouteText.Print(x, InterfaceNames.Numbers), RouteText.Print(y, InterfaceNames.Numbers));
}
