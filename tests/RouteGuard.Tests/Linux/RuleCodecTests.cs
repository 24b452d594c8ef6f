using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

public sealed class RuleCodecTests
{
    [Theory]
    [InlineData(
        "dump-rule4",
        "pref 0 protocol kernel lookup local",
        "pref 32764 lookup main suppress_prefixlength 0",
        "pref 32765 not fwmark 0xca6c lookup 51820",
        "pref 32766 protocol kernel lookup main",
        "pref 32767 protocol kernel lookup default"
    )]
    [InlineData("dump-rule6", "-6 pref 0 protocol kernel lookup local", "-6 pref 32766 protocol kernel lookup main")]
    [InlineData("x-v4-rule-mark-zero-mask", "pref 100 fwmark 0x0/0xff lookup 100")]
    [InlineData("x-v4-rule-l3mdev", "pref 1000 l3mdev")]
    [InlineData("x-v4-rule-tcp-ports", "pref 5000 ipproto 6 sport 1000-2000 dport 443 lookup 100")]
    [InlineData("x-v4-rule-iif-missing", "pref 5000 iif wg7 lookup 100")]
    public void A_rule_reads_as_the_words_of_ip(string file, params string[] lines)
    {
        var told = Capture
            .Named(file)
            .Messages.Where(message => !message.IsRequest && message.Header.Type == NetlinkType.NewRule)
            .Select(message => RuleCodec.TryDecode(message.Body, out var rule, out _) ? rule.ToString() : "a fault");
        Assert.Equal(lines, told);
    }

    [Fact]
    public void A_prefix_with_host_bits_keeps_them_because_the_kernel_compares_them_on_delete()
    {
        var told = Capture
            .Named("x-v4-rule-hostbits")
            .Messages.Single(message => !message.IsRequest && message.Header.Type == NetlinkType.NewRule);
        Assert.True(RuleCodec.TryDecode(told.Body, out var rule, out _));
        Assert.Equal(Prefix.Parse("192.0.2.0/24"), rule.From);
        Assert.Equal("08000200c0000207", rule.Raw.ToString());

        var writer = new NetlinkWriter();
        RuleCodec.AppendDeleteRule(writer, rule, 0, 0);
        Assert.Equal(
            Meaning.OfRule(told.Body, isRequest: false),
            Meaning.OfRule(Decoders.BodyOf(writer), isRequest: false)
        );
    }

    [Fact]
    public void Without_a_priority_the_kernel_chooses_and_says_0_for_0()
    {
        var body = Convert.FromHexString("02000000fe00000100000000");
        Assert.True(RuleCodec.TryDecode(body, out var told, out _));
        Assert.Equal(0u, told.Priority);
        Assert.True(RuleCodec.TryDecode(body, out var asked, out _, isRequest: true));
        Assert.Null(asked.Priority);
    }

    [Fact]
    public void A_name_that_is_no_word_is_carried_as_bytes()
    {
        // FRA_IIFNAME "a b": the kernel takes it, no interface has it.
        var body = Convert.FromHexString("02000000fe00000100000000" + "0800030061206200");
        Assert.True(RuleCodec.TryDecode(body, out var rule, out _));
        Assert.Null(rule.InputInterface);
        Assert.Equal("0800030061206200", rule.Raw.ToString());
    }

    [Theory]
    [InlineData("02", "fib_rule_hdr at byte 0 is cut off")]
    [InlineData("1c0000000000000100000000", "family at byte 0 is neither AF_INET nor AF_INET6")]
    [InlineData("022100000000000100000000", "src_len or dst_len at byte 1 is too long for the family")]
    [InlineData("02000000000000010000000005000600ff000000", "FRA_PRIORITY at byte 12 has another size than its type")]
    [InlineData("020000180000000100000000060002000a080000", "FRA_SRC at byte 12 is no address of the message's family")]
    public void A_fault_names_field_and_byte(string hex, string says)
    {
        Assert.False(RuleCodec.TryDecode(Convert.FromHexString(hex), out _, out var fault));
        Assert.Equal(says, fault.ToString());
    }
}
