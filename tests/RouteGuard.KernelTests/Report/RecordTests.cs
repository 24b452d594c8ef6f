using System.Diagnostics;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.KernelTests.Adapter;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;

namespace RouteGuard.KernelTests.Report;

/// <summary>A real kernel recorded, with other addresses, and replayed.</summary>
public sealed class RecordTests
{
    // Every kind of entry that a table may have, with addresses in every place that they may stand in.
    private const string Home = """
        route add default via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 100
        route add 172.16.0.0/16 via 192.0.2.1 dev p0 proto static metric 50
        route add default via 2001:db8:1::1 dev p0 proto ra metric 100
        route add 198.18.7.0/24 nexthop via 192.0.2.1 dev p0 weight 1 nexthop via 198.51.100.1 dev p1 weight 3
        route add 198.18.8.0/24 via inet6 2001:db8:1::7 dev p0
        route add 198.18.9.0/24 encap ip id 7 dst 203.0.113.77 via 192.0.2.1 dev p0
        nexthop add id 9 via 192.0.2.99 dev p0
        route add 198.18.10.0/24 nhid 9
        route add unreachable 198.18.11.0/24
        route add 2001:db8:9::/64 from 2001:db8:1::/64 via 2001:db8:1::1 dev p0
        rule add from 192.0.2.10 to 203.0.113.0/24 lookup 200 priority 1000
        rule add iif p1 fwmark 0x7/0xff lookup 201 priority 1001
        """;

    // The forum's four steps.
    private const string Vpn = """
        route add 203.0.113.2 via 192.0.2.1 dev p0
        route del default via 192.0.2.1 dev p0
        route add default via 192.0.2.1 dev p0 metric 4000
        route add default dev tun0
        """;

    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_bytes_of_a_record_make_the_table_that_its_text_says()
    {
        using var world = new AdapterWorld();
        world.Net.IpBatch(Home);
        using var pseudonyms = Pseudonyms.WithRandomKey();
        var original = Record(world, TimeSpan.Zero);
        Assert.Equal(Lines(world.Read()), Lines(original.Table));
        Assert.Empty(original.LeftOut);

        var read = ThroughAFile(original.Redacted(pseudonyms));
        Assert.Empty(read.Traffic.LeftOut);
        Assert.Equal(Assert.Single(read.Tables).Lines, Lines(read.Traffic.Table));
        Assert.Equal(original.Table.Routes.Length, read.Traffic.Table.Routes.Length);
        Assert.Equal(original.Table.Rules.Length, read.Traffic.Table.Rules.Length);
        Assert.Single(read.Traffic.Table.NextHops);
        Assert.NotEqual(Lines(original.Table), Lines(read.Traffic.Table));
    }

    [Fact]
    public void No_address_of_the_machine_is_in_the_bytes_or_in_the_text()
    {
        using var world = new AdapterWorld();
        world.Net.IpBatch(Home);
        using var pseudonyms = Pseudonyms.WithRandomKey();
        var original = Record(world, TimeSpan.Zero);
        var redacted = original.Redacted(pseudonyms);
        var text = string.Join('\n', Lines(redacted.Table));
        foreach (var address in AddressesOf(original.Table))
        {
            var bytes = new byte[address.ByteLength];
            address.WriteBytes(bytes);
            Assert.All(redacted.Lists, one => Assert.Equal(-1, one.Bytes.AsSpan().IndexOf(bytes)));
            Assert.DoesNotContain(
                $" {address} ",
                $" {text.Replace('\n', ' ').Replace('/', ' ')} ",
                StringComparison.Ordinal
            );
        }

        // The tunnel's end in RTA_ENCAP is in no table of ours.
        Assert.All(redacted.Lists, one => Assert.Equal(-1, one.Bytes.AsSpan().IndexOf((byte[])[203, 0, 113, 77])));
        Assert.Contains(original.Lists, one => one.Bytes.AsSpan().IndexOf((byte[])[203, 0, 113, 77]) >= 0);
    }

    [Fact]
    public void A_plan_on_replayed_tables_has_the_steps_of_the_plan_on_the_tables_themselves()
    {
        using var world = new AdapterWorld();
        world.Net.IpBatch(Home);
        using var pseudonyms = Pseudonyms.WithRandomKey();
        var before = Record(world, TimeSpan.Zero);
        world.Net.IpBatch(Vpn);
        var after = Record(world, TimeSpan.Zero);
        var plan = PlanOf(before.Table, after.Table);
        Assert.InRange(plan.Count, 4, 10);

        var replayedBefore = ThroughAFile(before.Redacted(pseudonyms)).Traffic.Table;
        var replayedAfter = ThroughAFile(after.Redacted(pseudonyms)).Traffic.Table;
        var replayed = PlanOf(replayedBefore, replayedAfter);
        Assert.Equal(
            plan.Select(step => (step.GetType(), step.Reason)),
            replayed.Select(step => (step.GetType(), step.Reason))
        );
        var tables = new TableRedaction(pseudonyms, new NetlinkRedaction(pseudonyms));
        Assert.Equal(
            plan.OfType<PlanStep.DeleteRoute>()
                .Select(step => RouteText.Print(tables.Of(step.Route), replayedAfter.Names)),
            replayed.OfType<PlanStep.DeleteRoute>().Select(step => RouteText.Print(step.Route, replayedAfter.Names))
        );
    }

    [Fact]
    public void What_the_kernel_tells_meanwhile_is_kept_with_its_time_and_can_be_decoded()
    {
        using var world = new AdapterWorld();
        world.Net.IpBatch(Home);
        using var pseudonyms = Pseudonyms.WithRandomKey();
        using var changing = world.Net.Do(() => StartLater(Vpn));
        var heard = Record(world, Listening).Redacted(pseudonyms).Events;
        changing.WaitForExit();
        Assert.Equal(0, changing.ExitCode);

        var server = pseudonyms.Of(Prefix.Parse("203.0.113.2/32"));
        var routes = heard.SelectMany(Routes).ToArray();
        Assert.Contains(routes, route => route.Destination == server);
        Assert.Contains(routes, route => route.Destination.IsDefault && route.NextHop is NextHop.OnLink);
        Assert.All(heard, one => Assert.InRange(one.After, TimeSpan.Zero, Listening * 4));
        Assert.Equal(heard.Select(one => one.After), heard.Select(one => one.After).Order());
    }

    private static KernelTraffic Record(AdapterWorld world, TimeSpan listen) =>
        world.Net.Do(() => LinuxRecorder.Record(listen, TimeProvider.System, TestContext.Current.CancellationToken));

    // The namespace's thread listens meanwhile, so the change comes from a process that it started before.
    private static Process StartLater(string batch)
    {
        var start = new ProcessStartInfo("sh", ["-c", "sleep 0.3; ip -batch -"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        var process = Process.Start(start)!;
        process.StandardInput.Write(batch);
        process.StandardInput.Close();
        return process;
    }

    private static RecordFile ThroughAFile(KernelTraffic traffic)
    {
        var record = new RecordFile(
            new(DateTimeOffset.UnixEpoch, "1.0", "a system", []),
            [RecordedTable.Of("now", traffic.Table)],
            traffic
        );
        Assert.True(RecordFile.TryRead(record.ToBytes(), out var read, out var problem), problem);
        return read;
    }

    private static IReadOnlyList<string> Lines(RouteTable table) => RecordedTable.Of("now", table).Lines;

    private static IReadOnlyList<PlanStep> PlanOf(RouteTable before, RouteTable after)
    {
        var overlay = OverlayLearner.Learn(before, after, []);
        return
        [
            .. Planner
                .Restore(
                    new()
                    {
                        Baseline = before,
                        Observed = after,
                        Overlay = overlay,
                        Tunnel = after.FindLink("tun0")!.Index,
                    }
                )
                .Steps,
        ];
    }

    private static IEnumerable<IpAddress> AddressesOf(RouteTable table) =>
        table
            .Routes.Select(route => route.Destination.Address)
            .Concat(table.Routes.Select(route => route.NextHop).OfType<NextHop.Via>().Select(via => via.Gateway))
            .Concat(table.Routes.Select(route => route.Attributes.PreferredSource).OfType<IpAddress>())
            .Concat(table.Links.SelectMany(link => link.Addresses).Select(own => own.Address))
            .Where(address => address is { IsMulticast: false, IsUnspecified: false } && address.Number != 1)
            .Where(address => address.Family == IpFamily.V6 || address.Low >> 24 is not (127 or 10))
            .Where(address => address != IpAddress.Parse("172.16.0.0") && address != IpAddress.Parse("fe80::"))
            .Distinct();

    private static IEnumerable<Route> Routes(RecordedEvent heard)
    {
        List<Route> found = [];
        var messages = new NetlinkMessages(heard.Bytes);
        while (messages.TryNext(out var message))
        {
            if (message.Type == NetlinkType.NewRoute && RouteCodec.TryDecode(message.Body, out var route, out _))
            {
                found.Add(route);
            }
        }

        Assert.True(messages.Fault.IsNone, messages.Fault.ToString());
        return found;
    }
}
