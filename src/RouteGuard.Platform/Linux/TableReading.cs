using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Sees every datagram of a list as the kernel sent it.</summary>
internal delegate void ListTap(TableList list, ReadOnlySpan<byte> datagram);

/// <summary>One reading of all that a table is made of, a dump after the other.</summary>
/// <param name="kernel">Whom to ask.</param>
/// <param name="decoder">Shared by all readings, so that routes share what they have in common.</param>
/// <param name="routesExpected">Routes of the reading before, so that the list need not grow.</param>
/// <param name="tap">Sees the answers too; null for nobody.</param>
[SupportedOSPlatform("linux")]
internal sealed class TableReading(
    NetlinkConversation kernel,
    RouteDecoder decoder,
    int routesExpected,
    ListTap? tap = null
)
{
    private readonly NetlinkWriter _request = new();
    private readonly TableDraft _draft = new(decoder, routesExpected);
    private bool _isInterrupted;

    /// <summary>Entries that could not be read and are not in the table: a sentence each.</summary>
    public IReadOnlyList<string> Faults => _draft.Faults;

    /// <summary>Asks for everything.</summary>
    /// <returns>False when the kernel says that something changed meanwhile.</returns>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public bool TryRead()
    {
        Dump(TableList.Links, ReadRequests.AppendDumpLinks);
        Dump(TableList.Addresses, ReadRequests.AppendDumpAddresses);
        Dump(TableList.NextHops, ReadRequests.AppendDumpNextHops, isOptional: true);
        DumpRoutes(TableList.RoutesV4, IpFamily.V4);
        DumpRoutes(TableList.RoutesV6, IpFamily.V6);
        DumpRules(TableList.RulesV4, IpFamily.V4);
        DumpRules(TableList.RulesV6, IpFamily.V6);
        return !_isInterrupted;
    }

    public RouteTable ToTable() => _draft.ToTable();

    /// <inheritdoc cref="TableDraft.ToTableWithoutDoubles"/>
    public RouteTable ToTableWithoutDoubles() => _draft.ToTableWithoutDoubles();

    private void DumpRoutes(TableList list, IpFamily family) =>
        Dump(
            list,
            (writer, sequence) => ReadRequests.AppendDumpRoutes(writer, family, sequence),
            isOptional: family == IpFamily.V6
        );

    private void DumpRules(TableList list, IpFamily family) =>
        Dump(list, (writer, sequence) => ReadRequests.AppendDumpRules(writer, family, sequence), isOptional: true);

    private void Dump(TableList list, Action<NetlinkWriter, uint> append, bool isOptional = false)
    {
        var sequence = kernel.TakeSequences(1);
        _request.Clear();
        append(_request, sequence);
        kernel.Tap = tap is null ? null : datagram => tap(list, datagram);
        var end = kernel.Dump(
            KernelRefusal.ReadRoutes,
            _request,
            sequence,
            (in NetlinkMessage message) => _draft.Take(list, message)
        );
        _isInterrupted |= end.IsInterrupted;

        // A kernel may be built without rules, next-hop objects or IPv6: then there are none.
        var isMissing = isOptional && end.Ack.Errno is LinuxErrno.EOPNOTSUPP or LinuxErrno.EAFNOSUPPORT;
        if (!end.Ack.IsDone && !isMissing)
        {
            throw KernelRefusal.Of(KernelRefusal.ReadRoutes, new(end.Ack.Errno), end.Ack.Message);
        }
    }
}
