using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Routes;

public sealed class RouteTextExactTests
{
    [Fact]
    public void A_scope_that_was_read_from_the_kernel_is_written_even_where_it_is_the_default()
    {
        var told = RouteText.Parse("10.0.0.0/8 dev if2 scope link", InterfaceNames.Numbers);
        var chosen = RouteText.Parse("10.0.0.0/8 dev if2", InterfaceNames.Numbers);

        Assert.NotEqual(told, chosen);
        Assert.Equal("10.0.0.0/8 dev if2", RouteText.Print(told, InterfaceNames.Numbers));
        Assert.Equal("10.0.0.0/8 dev if2 scope link", RouteText.PrintExactly(told, InterfaceNames.Numbers));
        Assert.Equal("10.0.0.0/8 dev if2", RouteText.PrintExactly(chosen, InterfaceNames.Numbers));
    }

    [Fact]
    public void A_line_that_does_not_fit_is_not_printed()
    {
        const string line = "blackhole 10.66.0.0/16 metric 7";
        Span<char> buffer = stackalloc char[60];
        var route = RouteText.Parse(line, InterfaceNames.Numbers);

        Assert.True(RouteText.TryPrintExactly(route, InterfaceNames.Numbers, buffer, out var written));
        Assert.Equal(line, new(buffer[..written]));
        Assert.False(RouteText.TryPrintExactly(route, InterfaceNames.Numbers, buffer[..(written - 1)], out _));
    }

    [Theory]
    [InlineData("0.0.0.0/0 via fe80::1 dev if2")]
    [InlineData("0.0.0.0/0 nexthop dev if3 weight 1 nexthop via fe80::1 dev if2 weight 1")]
    [InlineData("10.0.0.0/8 dev if2 mtu lock 1400 locks 0x108")]
    [InlineData("10.0.0.0/8 dev if2 locks 0x4")]
    public void What_a_reader_could_take_for_something_else_is_written_out(string line) =>
        Assert.Equal(line, RouteText.Print(RouteText.Parse(line, InterfaceNames.Numbers), InterfaceNames.Numbers));

    [Theory]
    [InlineData("if5", "a link that is called like the number of another")]
    [InlineData("two words", "a link whose name would be two words")]
    [InlineData("eth0", "the second link of one name")]
    [InlineData("", "a link without a name")]
    public void An_interface_that_could_be_taken_for_another_goes_by_its_number(string name, string why)
    {
        var names = new InterfaceNames([
            KeyValuePair.Create(new InterfaceIndex(2), "eth0"),
            KeyValuePair.Create(new InterfaceIndex(7), name),
        ]);

        Assert.True(names.NameOf(new(7)) == "if7", why);
        Assert.True(names.TryIndexOf("if7", out var index));
        Assert.Equal(new(7), index);
        Assert.Equal("default dev if5", RouteText.Print(RouteText.Parse("default dev if5", names), names));
    }

    [Fact]
    public void Routes_that_are_read_one_after_the_other_share_what_they_have_in_common_and_only_that()
    {
        var names = InterfaceNames.Numbers;
        Assert.True(
            RouteText.TryParseAfter(null, "10.0.0.0/8 via 192.0.2.1 proto static", names, out var first, out _)
        );
        Assert.True(
            RouteText.TryParseAfter(first, "10.1.0.0/16 via 192.0.2.1 proto static", names, out var alike, out _)
        );
        Assert.Same(first.NextHop, alike.NextHop);
        Assert.Same(first.Attributes, alike.Attributes);

        foreach (
            var other in new[]
            {
                "proto boot",
                "proto static scope link",
                "proto static src 192.0.2.9",
                "proto static mtu 9",
                "proto static locks 0x4",
                "proto static pref high",
                "proto static expires 1",
                "proto static raw 00",
            }
        )
        {
            Assert.True(
                RouteText.TryParseAfter(first, $"10.1.0.0/16 via 192.0.2.2 {other}", names, out var route, out _)
            );
            Assert.NotEqual(first.Attributes, route.Attributes);
            Assert.NotEqual(first.NextHop, route.NextHop);
            Assert.Equal(RouteText.Parse($"10.1.0.0/16 via 192.0.2.2 {other}", names), route);
        }
    }
}
