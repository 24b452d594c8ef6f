using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>The routing table of the network namespace that it was made in, over rtnetlink.</summary>
/// <remarks>
/// For one thread. Every call blocks for at most the bounds of <see cref="NetlinkConversation"/>; a change waits
/// besides for
/// the kernel's own lock (rtnl), which has no bound. Sources: rtnetlink(7); net/core/rtnetlink.c.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class LinuxKernelRoutes : IKernelRoutes
{
    /// <summary>Readings of one <see cref="Read"/>.</summary>
    public const int ReadingsMax = 8;

    /// <summary>Once a reading is whole, further ones are begun only within this time: a large table is not read for
    /// ever.</summary>
    public static readonly TimeSpan RereadTimeMax = TimeSpan.FromMilliseconds(100);

    private readonly NetlinkConversation _kernel = new();
    private readonly TableWitness _witness = new();
    private readonly RouteDecoder _decoder = new();
    private readonly StepSender _sender;
    private RouteTable _lastRead = RouteTable.Empty;

    /// <summary>Opens two sockets in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelRoutesException">The kernel gives none.</exception>
    public LinuxKernelRoutes() => _sender = new(_kernel);

    /// <summary>Entries that the last <see cref="Read"/> could not read and left out: a sentence each, the first
    /// few.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <inheritdoc/>
    /// <remarks>net/ipv6/ip6_fib.c:rt6_qualify_for_ecmp.</remarks>
    public bool HasSiblings => true;

    /// <inheritdoc/>
    /// <remarks>
    /// A reading during which something changed is done again. When the table is never quiet, the last reading that no
    /// single
    /// dump says was interrupted is taken: whoever listens for events will look again. It names no entry twice, and an
    /// IPv6
    /// table that takes several datagrams (some 250 entries each) may lack entries that were there all the time.
    /// </remarks>
    public RouteTable Read()
    {
        TableReading? whole = null;
        var isQuiet = false;
        var startedAt = Environment.TickCount64;
        for (var readings = 0; readings < ReadingsMax && !isQuiet && (whole is null || IsEarly(startedAt)); readings++)
        {
            _witness.Forget();
            var reading = new TableReading(_kernel, _decoder, _lastRead.Routes.Length);
            var isWhole = reading.TryRead();
            whole = isWhole ? reading : whole;
            isQuiet = isWhole && !_witness.HasSeenChange();
        }

        if (whole is null)
        {
            throw KernelRefusal.Of(KernelRefusal.ReadRoutes, new(LinuxErrno.EINTR));
        }

        Faults = whole.Faults;
        return _lastRead = isQuiet ? whole.ToTable() : whole.ToTableWithoutDoubles();
    }

    /// <inheritdoc/>
    public InterfaceIndex? WayTo(IpAddress destination) => Lookup(destination).Route?.NextHop.Device;

    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => new StepEncoder(_lastRead).Encode(steps);

    /// <inheritdoc/>
    /// <remarks>One system call sends a batch and one reads its answers.</remarks>
    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps) =>
        steps is PreparedSteps prepared
            ? _sender.Send(prepared)
            : throw new ArgumentException("These steps were prepared by another kernel's adapter.", nameof(steps));

    /// <summary>Asks which way a packet would go (<c>ip route get</c>).</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="mark">The packet's mark, for rules that look at it.</param>
    public RouteLookup Lookup(IpAddress destination, uint? mark = null)
    {
        var request = new NetlinkWriter();
        var sequence = _kernel.TakeSequences(1);
        ReadRequests.AppendLookup(request, destination, sequence, mark);
        RouteLookup? found = null;
        _kernel.Ask(
            KernelRefusal.LookUp,
            request.Written,
            sequence,
            1,
            (in NetlinkMessage message) =>
            {
                if (message.Type == NetlinkType.Error)
                {
                    var ack = _kernel.AckOf(KernelRefusal.LookUp, message);
                    found = new(null, ack.Errno, LinuxErrno.NameOf(ack.Errno));
                    return true;
                }

                if (message.Type != NetlinkType.NewRoute)
                {
                    return false;
                }

                if (!_decoder.TryDecode(message.Body, out var route, out _, out var fault))
                {
                    throw KernelRefusal.Of(KernelRefusal.LookUp, new(LinuxErrno.EBADMSG), fault.ToString());
                }

                found = new(route, 0, string.Empty);
                return true;
            }
        );
        return found!;
    }

    private static bool IsEarly(long startedAt) =>
        Environment.TickCount64 - startedAt < (long)RereadTimeMax.TotalMilliseconds;

    public void Dispose()
    {
        _kernel.Dispose();
        _witness.Dispose();
    }
}

/// <summary>Which way a packet would go.</summary>
/// <param name="Route">The way, resolved for one destination; null when there is none.</param>
/// <param name="Errno">Why there is none: ENETUNREACH, EHOSTUNREACH, EACCES (prohibit), EINVAL (blackhole); else
/// 0.</param>
/// <param name="ErrnoName">Its name.</param>
public sealed record RouteLookup(Route? Route, int Errno, string ErrnoName);
