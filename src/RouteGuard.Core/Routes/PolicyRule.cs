namespace RouteGuard.Core.Routes;

/// <summary>One policy rule (<c>ip rule</c>): which table a packet is looked up in.</summary>
/// <remarks>Sources: linux/fib_rules.h <c>struct fib_rule_hdr</c>, FRA_*; net/core/fib_rules.c.</remarks>
public sealed record PolicyRule
{
    /// <summary>FR_ACT_TO_TBL.</summary>
    public const byte ActionLookup = 1;
    public const byte ActionGoto = 2;
    public const byte ActionNop = 3;
    public const byte ActionBlackhole = 6;
    public const byte ActionUnreachable = 7;
    public const byte ActionProhibit = 8;

    public required IpFamily Family { get; init; }

    /// <summary>FRA_PRIORITY; the smaller is asked first. Null lets the kernel choose one above the last.</summary>
    public required uint? Priority { get; init; }

    public byte Action { get; init; } = ActionLookup;

    /// <summary>The table of a lookup; 0 for another action.</summary>
    public uint Table { get; init; }

    /// <summary>FRA_L3MDEV: a lookup in the table of the VRF that the packet's interface belongs to.</summary>
    public bool UsesVrfTable { get; init; }

    /// <summary>FRA_GOTO: the priority to go on at.</summary>
    public uint? Goto { get; init; }

    public Prefix? From { get; init; }

    public Prefix? To { get; init; }

    /// <summary>FIB_RULE_INVERT: the rule counts for everything that does not match.</summary>
    public bool IsInverted { get; init; }

    public uint? FirewallMark { get; init; }

    /// <summary>Null is all ones.</summary>
    public uint? FirewallMask { get; init; }

    /// <summary>FRA_IIFNAME: a name, as the rule outlives the interface.</summary>
    public string? InputInterface { get; init; }

    public string? OutputInterface { get; init; }

    public byte Tos { get; init; }

    /// <summary>FRA_SUPPRESS_PREFIXLEN: a result with a prefix this short or shorter is ignored. Null is off.</summary>
    public uint? SuppressPrefixLength { get; init; }

    /// <summary>True when more than the destination decides whether a packet meets it. Its mark is not counted: see
    /// <see cref="WantsMark"/>.</summary>
    public bool AsksForMoreThanDestination =>
        From is { IsDefault: false }
        || InputInterface is not null
        || OutputInterface is not null
        || Tos != 0
        || IpProtocol != 0
        || SourcePorts is not null
        || DestinationPorts is not null
        || Uids is not null
        || SuppressInterfaceGroup is not null;

    /// <summary>True when a packet without a mark does not match (net/core/fib_rules.c:fib_rule_match: (the rule's mark
    /// ^ the packet's) &amp; mask).</summary>
    public bool WantsMark => ((FirewallMark ?? 0) & (FirewallMask ?? uint.MaxValue)) != 0;

    /// <summary>FRA_SUPPRESS_IFGROUP. Null is off.</summary>
    public uint? SuppressInterfaceGroup { get; init; }

    public byte IpProtocol { get; init; }

    public PortRange? SourcePorts { get; init; }

    public PortRange? DestinationPorts { get; init; }

    public UidRange? Uids { get; init; }

    /// <summary>FRA_PROTOCOL: who says it installed the rule.</summary>
    public byte Protocol { get; init; }

    public RawAttributes Raw { get; init; } = RawAttributes.None;

    public override string ToString() => RuleText.Print(this);
}

/// <summary>Ports from first to last, both included.</summary>
public readonly record struct PortRange(ushort First, ushort Last);

/// <summary>User ids from first to last, both included.</summary>
public readonly record struct UidRange(uint First, uint Last);
