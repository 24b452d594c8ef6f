using System.Diagnostics.CodeAnalysis;

namespace RouteGuard.Core.Routes;

/// <content>What the reader has gathered so far, and how it becomes a route.</content>
public static partial class RouteText
{
    private ref struct Draft
    {
        public InterfaceNames Names;
        public IpFamily? Family;
        public Route? Previous;
        public Prefix? Destination;
        public string? Type;
        public byte SpecialType;
        public IpAddress? Gateway;
        public InterfaceIndex Device;
        public InterfaceIndex ScopeInterface;
        public List<MultipathLeg>? Legs;
        public List<RouteMetric>? Metrics;
        public RawAttributes Raw;
        public Prefix Source;
        public IpAddress PreferredSource;
        public uint NextHopId;
        public uint Metric;
        public uint? Table;
        public uint LockMask;
        public uint Expires;
        public byte Protocol;
        public byte Scope;
        public byte Tos;
        public byte Preference;
        public bool IsOnLink;
        public bool IsHostEntry;
        public bool HasScope;
        public bool HasPreferredSource;
        public bool HasSource;

        public Draft()
        {
            Names = InterfaceNames.Numbers;
            Raw = RawAttributes.None;
            Protocol = RouteProtocol.Boot;
        }

        public readonly bool TryFinish([NotNullWhen(true)] out Route? route, [NotNullWhen(false)] out string? problem)
        {
            route = null;
            var destination = Destination ?? Prefix.Default(FamilyOfDefault());
            if (Family is { } family && family != destination.Family)
            {
                problem = "the destination is not of the family that stands in front";
                return false;
            }

            if (NextHopProblem(destination.Family) is { } wrong)
            {
                problem = wrong;
                return false;
            }

            problem = null;
            var nextHop = MakeNextHop();
            route = new()
            {
                Destination = destination,
                NextHop = Shared(nextHop, Previous?.NextHop),
                Table = Table ?? DefaultTableOf(nextHop),
                Metric = Metric,
                Tos = Tos,
                IsHostEntry = IsHostEntry,
                ScopeInterface = ScopeInterface,
                Attributes =
                    Previous is not null && IsLike(Previous.Attributes) ? Previous.Attributes : MakeAttributes(),
            };
            return true;
        }

        private static T Shared<T>(T made, T? known)
            where T : class, IEquatable<T> => made.Equals(known) ? known : made;

        // `default` has the family of its addresses; without any it is IPv4, as for ip(8).
        private readonly IpFamily FamilyOfDefault() =>
            Family
            ?? Gateway?.Family
            ?? Legs?.Find(leg => leg.Gateway is not null)?.Gateway?.Family
            ?? (
                HasPreferredSource ? PreferredSource.Family
                : HasSource ? Source.Family
                : IpFamily.V4
            );

        private readonly string? NextHopProblem(IpFamily family)
        {
            var kinds =
                (Type is null or "unicast" ? 0 : 1)
                + (SpecialType != 0 ? 1 : 0)
                + (Legs is null ? 0 : 1)
                + (NextHopId != 0 ? 1 : 0);
            // A route of IPv6 that leads nowhere may name lo, as the kernel shows it.
            var isDeviceLost =
                !Device.IsNone
                && kinds == 1
                && SpecialType == 0
                && (Type is null or "unicast" || family == IpFamily.V4);
            if (kinds > 1 || (kinds == 1 && Gateway is not null) || isDeviceLost)
            {
                return "it names more than one kind of next hop";
            }

            if (kinds == 0 && Gateway is null && Device.IsNone)
            {
                return "it names no next hop (via, dev, nexthop, nhid or a type such as blackhole)";
            }

            if (family == IpFamily.V6 && Gateway is { Family: IpFamily.V4 })
            {
                return "an IPv6 route has no IPv4 gateway";
            }

            return HasSource && Source.Family != family ? "from is of the other family" : null;
        }

        private readonly NextHop MakeNextHop() =>
            Type switch
            {
                "blackhole" => new NextHop.Blackhole(),
                "unreachable" => new NextHop.Unreachable(),
                "prohibit" => new NextHop.Prohibit(),
                "throw" => new NextHop.Throw(),
                _ when SpecialType != 0 => new NextHop.Special(SpecialType, Device),
                _ when Legs is not null => new NextHop.Multipath(new(Legs)),
                _ when NextHopId != 0 => new NextHop.Shared(NextHopId),
                _ when Gateway is { } gateway => new NextHop.Via(gateway, Device, IsOnLink),
                _ => new NextHop.OnLink(Device),
            };

        private readonly bool IsLike(RouteAttributes known) =>
            known.Protocol == Protocol
            && known.Scope == (HasScope ? Scope : null)
            && known.PreferredSource == (HasPreferredSource ? PreferredSource : null)
            && known.Source == (HasSource ? Source : null)
            && known.Preference == Preference
            && known.ExpiresSeconds == Expires
            && known.Metrics.IsEmpty
            && Metrics is null
            && LockMask == 0
            && known.Raw.IsEmpty
            && Raw.IsEmpty;

        private readonly RouteAttributes MakeAttributes() =>
            RouteAttributes.Default with
            {
                Protocol = Protocol,
                Scope = HasScope ? Scope : null,
                PreferredSource = HasPreferredSource ? PreferredSource : null,
                Source = HasSource ? Source : null,
                Metrics =
                    Metrics is null && LockMask == 0
                        ? RouteMetrics.None
                        : new(new((Metrics ?? []).OrderBy(metric => metric.Number)), LockMask),
                Preference = Preference,
                ExpiresSeconds = Expires,
                Raw = Raw,
            };
    }
}
