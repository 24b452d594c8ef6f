using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;
using RouteGuard.Report;
using RouteGuard.Tests.Linux;

namespace RouteGuard.Tests.Report;

/// <summary>Addresses and names in sentences and in the words of <c>ip</c>.</summary>
public sealed class TextRedactionTests : IDisposable
{
    private readonly Pseudonyms _pseudonyms = new(Convert.FromHexString("00112233445566778899aabbccddeeff"));
    private readonly NetlinkRedaction _raw;
    private readonly TextRedaction _text;

    public TextRedactionTests()
    {
        _raw = new(_pseudonyms);
        _text = new(_pseudonyms, _raw);
    }

    [Theory]
    [InlineData("192.0.2.1 is silent.", "192.0.2.1")]
    [InlineData("to 192.0.2.1:51820, and on", "192.0.2.1")]
    [InlineData("(192.0.2.1)", "192.0.2.1")]
    [InlineData("via=192.0.2.1;", "192.0.2.1")]
    [InlineData("via:192.0.2.1", "192.0.2.1")]
    [InlineData("a192.0.2.1", "192.0.2.1")]
    [InlineData("the end: 192.0.2.1.", "192.0.2.1")]
    [InlineData("[2001:db8::7]:53", "2001:db8::7")]
    [InlineData("fe80::a%eth0 answers", "fe80::a")]
    [InlineData("by 2001:db8::7: no", "2001:db8::7")]
    public void An_address_is_found_whatever_is_beside_it(string text, string address)
    {
        var other = _pseudonyms.Of(IpAddress.Parse(address)).ToString();
        Assert.Equal(text.Replace(address, other, StringComparison.Ordinal), _text.Of(text));
    }

    [Theory]
    [InlineData("2001:DB8:0:0:0:0:0:7", "2001:db8::7")]
    [InlineData("192.000.002.001", "192.0.2.1")]
    [InlineData("2001:db8::192.0.2.1", "2001:db8::c000:201")]
    public void Another_spelling_is_the_same_address(string text, string address) =>
        Assert.Equal(_pseudonyms.Of(IpAddress.Parse(address)).ToString(), _text.Of(text));

    [Theory]
    [InlineData("died at 12:34:56.789 on 2026-11-28")]
    [InlineData("session s20261128-120000-0badcafe")]
    [InlineData("version 1.2.3, kernel 6.12.9-amd64, weight 1.5")]
    [InlineData("default dev tun0 proto dhcp metric 100 mtu 1400")]
    [InlineData("0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1, 127.0.0.1, ::1, 10.0.0.0/8, fe80::/64")]
    [InlineData("rule pref 32765 not from all fwmark 0xca6c lookup 51820")]
    [InlineData("Cannot read /var/lib/routeguard: EACCES (13).")]
    [InlineData("1.2.3.4.5 is a name of SNMP; 300.1.2.3 is nothing; a:b:c")]
    public void What_is_no_address_stays(string text) => Assert.Equal(text, _text.Of(text));

    [Fact]
    public void A_prefix_keeps_its_length_and_an_own_address_its_host_bits()
    {
        Assert.Equal(_pseudonyms.Of(Prefix.Parse("192.0.2.0/24")).ToString(), _text.Of("192.0.2.0/24"));
        Assert.Equal($"{_pseudonyms.Of(IpAddress.Parse("192.0.2.10"))}/24", _text.Of("192.0.2.10/24"));
    }

    [Fact]
    public void Layer_2_addresses_are_found() =>
        Assert.Equal(
            $"was {_pseudonyms.OfLayer2("aa:bb:cc:dd:ee:0f")} and is gone",
            _text.Of("was aa:bb:cc:dd:ee:0f and is gone")
        );

    [Fact]
    public void Homes_hosts_and_labels_are_replaced_and_each_name_by_its_own()
    {
        _text.Hide("acmelaptop", "host-1");
        Assert.Equal("label-1", _text.OfLabel("dev"));
        Assert.Equal(
            "label 'label-1', owner 4, tunnel tun0: /home/user-1/file-1/file-2 (12) on host-1, dev tun0, /Users/user-2.",
            _text.Of(
                "label 'dev', owner 4, tunnel tun0: /home/alice/vpn/acme.ovpn (12) on acmelaptop, dev tun0, /Users/bob."
            )
        );
        Assert.Equal("/home/user-1/file-3, acmelaptop2", _text.Of("/home/alice/x, acmelaptop2"));
    }

    [Fact]
    public void A_line_of_a_table_says_the_same_whether_the_text_or_the_route_was_replaced()
    {
        var routes = 0;
        foreach (var capture in Capture.All)
        {
            foreach (var message in capture.Messages.Where(one => one.Header.Type == NetlinkType.NewRoute))
            {
                if (!RouteCodec.TryDecode(message.Body, out var route, out _))
                {
                    continue;
                }

                routes++;
                var other = new TableRedaction(_pseudonyms, _raw).Of(route);
                Assert.Equal(RouteText.Print(other, capture.Names), _text.Of(RouteText.Print(route, capture.Names)));
            }
        }

        Assert.True(routes > 300, $"only {routes} routes were compared");
    }

    [Fact]
    public void Any_text_whatever_is_taken()
    {
        const int Seed = 7;
        const int Cases = 20_000;
        var random = new Random(Seed);
        const string Letters = "0123456789abcdefABCDEF::::....//// rawrule'homeUsers%[]\u00e9";
        for (var at = 0; at < Cases; at++)
        {
            var text = string.Create(
                random.Next(40),
                random,
                static (span, chance) =>
                {
                    foreach (ref var letter in span)
                    {
                        letter = Letters[chance.Next(Letters.Length)];
                    }
                }
            );
            Assert.NotNull(_text.Of(text));
        }
    }

    public void Dispose() => _pseudonyms.Dispose();
}
