using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;
using RouteGuard.Tests.Linux;

namespace RouteGuard.Tests.Report;

/// <summary>Addresses in the kernel's own bytes.</summary>
public sealed class NetlinkRedactionTests : IDisposable
{
    private const int Seed = 11;

    private readonly Pseudonyms _pseudonyms = new(Convert.FromHexString("00112233445566778899aabbccddeeff"));

    public static TheoryData<string> Files => Capture.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public void Replaced_bytes_decode_to_the_replaced_entry(string file)
    {
        var bytes = new NetlinkRedaction(_pseudonyms);
        var tables = new TableRedaction(_pseudonyms, bytes);
        foreach (var message in Capture.Named(file).Messages.Where(message => !message.IsRequest))
        {
            byte[] replaced = [.. message.Bytes];
            bytes.Replace(replaced);
            Assert.Equal(message.Bytes.Length, replaced.Length);
            var after = new CapturedMessage(false, replaced);
            Assert.Equal(message.Header, after.Header);
            switch (message.Header.Type)
            {
                case NetlinkType.NewRoute
                or NetlinkType.DeleteRoute when RouteCodec.TryDecode(message.Body, out var route, out _):
                    Assert.True(
                        RouteCodec.TryDecode(after.Body, out var otherRoute, out var routeFault),
                        routeFault.ToString()
                    );
                    Assert.Equal(tables.Of(route), otherRoute);
                    break;
                case NetlinkType.NewRule
                or NetlinkType.DeleteRule when RuleCodec.TryDecode(message.Body, out var rule, out _):
                    Assert.True(
                        RuleCodec.TryDecode(after.Body, out var otherRule, out var ruleFault),
                        ruleFault.ToString()
                    );
                    Assert.Equal(tables.Of(rule), otherRule);
                    break;
                case NetlinkType.NewLink
                or NetlinkType.DeleteLink when LinkCodec.TryDecode(message.Body, out var link, out _, out _):
                    Assert.True(
                        LinkCodec.TryDecode(after.Body, out var otherLink, out _, out var linkFault),
                        linkFault.ToString()
                    );
                    Assert.Equal(tables.Of(link), otherLink);
                    break;
                case NetlinkType.NewAddress
                or NetlinkType.DeleteAddress when AddressCodec.TryDecode(message.Body, out _, out var address, out _):
                    Assert.True(
                        AddressCodec.TryDecode(after.Body, out _, out var otherAddress, out var fault),
                        fault.ToString()
                    );
                    Assert.Equal(_pseudonyms.Of(address), otherAddress);
                    break;
                case NetlinkType.NewNextHop
                or NetlinkType.DeleteNextHop when NextHopCodec.TryDecode(message.Body, out var nextHop, out _):
                    Assert.True(
                        NextHopCodec.TryDecode(after.Body, out var otherHop, out var hopFault),
                        hopFault.ToString()
                    );
                    Assert.Equal(nextHop with { Raw = bytes.OfNextHop(nextHop.Raw) }, otherHop);
                    break;
                default:
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void No_address_of_the_original_is_left_in_the_bytes(string file)
    {
        var bytes = new NetlinkRedaction(_pseudonyms);
        foreach (var message in Capture.Named(file).Messages.Where(message => !message.IsRequest))
        {
            byte[] replaced = [.. message.Bytes];
            bytes.Replace(replaced);
            foreach (var secret in Secrets(message))
            {
                Assert.True(
                    replaced.AsSpan(CapturedMessage.HeaderBytes).IndexOf(secret) < 0,
                    $"{Convert.ToHexStringLower(secret)} is left in {Convert.ToHexStringLower(replaced)}"
                );
            }
        }
    }

    [Fact]
    public void Any_bytes_whatever_are_taken_and_keep_their_length()
    {
        var random = new Random(Seed);
        var bytes = new NetlinkRedaction(_pseudonyms);
        var all = Capture.All.SelectMany(capture => capture.Messages).Select(message => message.Bytes).ToArray();
        const int Cases = 30_000;
        var cases = 0;
        for (; cases < Cases; cases++)
        {
            byte[] mutated = [.. all[random.Next(all.Length)]];
            for (var change = random.Next(6); change >= 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            bytes.Replace(mutated.AsSpan(0, random.Next(mutated.Length + 1)));
        }

        Assert.Equal(Cases, cases);
        Assert.InRange(bytes.Zeroed.Count, 1, NetlinkRedaction.ZeroedNamedMax);
    }

    [Fact]
    public void What_may_hold_an_address_a_name_or_a_secret_is_zeroed_and_named()
    {
        var bytes = new NetlinkRedaction(_pseudonyms);
        foreach (var message in Capture.All.SelectMany(capture => capture.Messages))
        {
            byte[] copy = [.. message.Bytes];
            bytes.Replace(copy);
        }

        // RTA_ENCAP, IFLA_AF_SPEC, IFLA_INFO_DATA, IFA_LABEL.
        Assert.Superset(
            new HashSet<string>([
                "route attribute 22",
                "link attribute 26",
                "link kind attribute 2",
                "address attribute 3",
            ]),
            new HashSet<string>(bytes.Zeroed)
        );
    }

    public void Dispose() => _pseudonyms.Dispose();

    // Addresses with at least three bytes that are not zero: a shorter pattern is found anywhere.
    private static IEnumerable<byte[]> Secrets(CapturedMessage message)
    {
        List<byte[]> found = [];
        if (RouteCodec.TryDecode(message.Body, out var route, out _) && message.Header.Type is NetlinkType.NewRoute)
        {
            found.Add(Bytes(route.Destination.Address));
            found.Add(route.Attributes.PreferredSource is { } source ? Bytes(source) : []);
            found.Add(route.NextHop is NextHop.Via via ? Bytes(via.Gateway) : []);
        }
        else if (
            message.Header.Type is NetlinkType.NewAddress
            && AddressCodec.TryDecode(message.Body, out _, out var address, out _)
        )
        {
            found.Add(Bytes(address.Address));
        }
        else if (
            message.Header.Type is NetlinkType.NewLink
            && LinkCodec.TryDecode(message.Body, out var link, out _, out _)
        )
        {
            found.Add(Convert.FromHexString(link.Mac.Replace(":", "", StringComparison.Ordinal)));
        }

        return found.Where(secret =>
            secret.Count(value => value is not (0 or 255)) >= 3
            && !(IpAddress.TryFromBytes(secret, out var known) && IsClass(known))
        );
    }

    // 128.0.0.0 and the like stay.
    private static bool IsClass(IpAddress address) =>
        address.IsMulticast || address.IsUnspecified || address.Number == 1 || address.Low >> 24 == 127;

    private static byte[] Bytes(IpAddress address)
    {
        var bytes = new byte[address.ByteLength];
        address.WriteBytes(bytes);
        return bytes;
    }
}
