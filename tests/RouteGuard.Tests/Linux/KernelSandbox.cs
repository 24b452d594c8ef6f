using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

/// <summary>A real kernel's tables in a network namespace of their own; the namespace goes with its thread.</summary>
[SupportedOSPlatform("linux")]
internal sealed class KernelSandbox : IDisposable
{
    private const ushort Add =
        NetlinkFlags.Request | NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive;

    private const ushort Delete = NetlinkFlags.Request | NetlinkFlags.Acknowledge;

    private readonly NetlinkConversation _kernel = new();
    private readonly NetlinkWriter _writer = new();
    private readonly RouteDecoder _routes = new();

    private KernelSandbox() { }

    public InterfaceNames Names { get; private set; } = InterfaceNames.Numbers;

    /// <summary>Runs a test on a thread in a new namespace, or names what is missing.</summary>
    public static void Run(Action<KernelSandbox> test)
    {
        const string What = "the rtnetlink codec against a real kernel is not tested: it needs";
        Assert.SkipUnless(OperatingSystem.IsLinux(), $"{What} Linux");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, $"{What} root, for unshare(2)");
        Assert.SkipUnless(File.Exists("/sbin/ip") || File.Exists("/usr/sbin/ip"), $"{What} ip(8)");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() => failure = Guarded(test));
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Runs one command of ip(8) in the namespace.</summary>
    public void Ip(string arguments)
    {
        // A child of this thread is born in its namespace.
        var start = new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ip {arguments}: {said}");
    }

    public int AddRoute(Route route, ushort flags = Add) =>
        Ask((writer, sequence) => RouteCodec.AppendNewRoute(writer, route, flags, sequence));

    public int DeleteRoute(Route route) =>
        Ask((writer, sequence) => RouteCodec.AppendDeleteRoute(writer, route, Delete, sequence));

    public int AddRule(PolicyRule rule) =>
        Ask((writer, sequence) => RuleCodec.AppendNewRule(writer, rule, Add, sequence));

    public int DeleteRule(PolicyRule rule) =>
        Ask((writer, sequence) => RuleCodec.AppendDeleteRule(writer, rule, Delete, sequence));

    public int AddNextHop(NextHopObject nextHop) =>
        Ask((writer, sequence) => NextHopCodec.AppendNewNextHop(writer, nextHop, Add, sequence));

    public int DeleteNextHop(uint id) =>
        Ask((writer, sequence) => NextHopCodec.AppendDeleteNextHop(writer, id, Delete, sequence));

    /// <summary>The routes that a person could have made: not those of the kernel itself.</summary>
    public List<Route> Routes()
    {
        var found = new List<Route>();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            Dump(
                (writer, sequence) => ReadRequests.AppendDumpRoutes(writer, family, sequence),
                (in message) =>
                {
                    Assert.True(_routes.TryDecode(message.Body, out var route, out _, out var fault), fault.ToString());
                    found.Add(route);
                }
            );
        }

        return [.. found.Where(route => route.Attributes.Protocol != RouteProtocol.Kernel)];
    }

    public List<PolicyRule> Rules()
    {
        var found = new List<PolicyRule>();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            Dump(
                (writer, sequence) => ReadRequests.AppendDumpRules(writer, family, sequence),
                (in message) =>
                {
                    Assert.True(RuleCodec.TryDecode(message.Body, out var rule, out var fault), fault.ToString());
                    found.Add(rule);
                }
            );
        }

        return [.. found.Where(rule => rule.Protocol != RouteProtocol.Kernel)];
    }

    public List<NextHopObject> NextHops()
    {
        var found = new List<NextHopObject>();
        Dump(
            ReadRequests.AppendDumpNextHops,
            (in message) =>
            {
                Assert.True(NextHopCodec.TryDecode(message.Body, out var nextHop, out var fault), fault.ToString());
                found.Add(nextHop);
            }
        );
        return found;
    }

    public List<NetworkLink> Links()
    {
        var found = new List<NetworkLink>();
        Dump(
            ReadRequests.AppendDumpLinks,
            (in message) =>
            {
                Assert.True(LinkCodec.TryDecode(message.Body, out var link, out _, out var fault), fault.ToString());
                found.Add(link);
            }
        );
        return found;
    }

    public void SetUp(InterfaceIndex device) =>
        Assert.Equal(0, Ask((writer, sequence) => LinkCodec.AppendSetUp(writer, device, isUp: true, sequence)));

    public void AddAddress(InterfaceIndex device, string address, byte prefixLength) =>
        Assert.Equal(
            0,
            Ask(
                (writer, sequence) =>
                    AddressCodec.AppendNewAddress(writer, device, new(IpAddress.Parse(address), prefixLength), sequence)
            )
        );

    public Route Parse(string line) => RouteText.Parse(line, Names);

    public void Dispose() => _kernel.Dispose();

    private static ExceptionDispatchInfo? Guarded(Action<KernelSandbox> test)
    {
        if (Libc.Namespaces.unshare(Libc.Namespaces.CLONE_NEWNET) != 0)
        {
            return ExceptionDispatchInfo.Capture(new InvalidOperationException($"unshare: {LinuxErrno.Last.Name}"));
        }

        using var sandbox = new KernelSandbox();
        return
            Record.Exception(() =>
            {
                sandbox.MakeInterfaces();
                test(sandbox);
            })
                is { } failure
            ? ExceptionDispatchInfo.Capture(failure)
            : null;
    }

    // Two pairs, p0 and p1, as in the captures.
    private void MakeInterfaces()
    {
        Ip("link add p0 index 10 type veth peer name p0x");
        Ip("link add p1 index 11 type veth peer name p1x");
        foreach (var link in Links())
        {
            SetUp(link.Index);
        }

        AddAddress(new(10), "192.0.2.10", 24);
        AddAddress(new(11), "198.51.100.10", 24);
        AddAddress(new(10), "2001:db8:1::10", 64);
        AddAddress(new(11), "2001:db8:2::10", 64);
        Names = new(Links().Select(link => KeyValuePair.Create(link.Index, link.Name)));
    }

    private int Ask(Action<NetlinkWriter, uint> append)
    {
        var sequence = _kernel.TakeSequences(1);
        _writer.Clear();
        append(_writer, sequence);
        var ack = default(Ack);
        _kernel.Ask(
            "test",
            _writer.Written,
            sequence,
            1,
            (in message) =>
            {
                ack = _kernel.AckOf("test", message);
                return true;
            }
        );
        return ack.Errno;
    }

    private void Dump(Action<NetlinkWriter, uint> append, EntryTaker take)
    {
        var sequence = _kernel.TakeSequences(1);
        _writer.Clear();
        append(_writer, sequence);
        Assert.True(_kernel.Dump("test", _writer, sequence, take).Ack.IsDone);
    }
}
