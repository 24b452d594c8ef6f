using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

public sealed class RewriteBudgetTests
{
    private static readonly RouteKey Default = Key("default dev tun0");
    private readonly RewriteBudget _budget = new();
    private DateTimeOffset _now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Five_rewrites_a_minute_are_allowed_and_the_sixth_makes_a_truce_until_the_minute_is_over()
    {
        Assert.Equal(5, SpendUntilRefused());
        var contest = Assert.Single(_budget.Contests(_now));
        Assert.Equal((Default, _now + TimeSpan.FromSeconds(60)), (contest.Key, contest.Until));
        Pass(59.9);
        Assert.False(_budget.TrySpend(Default, _now));
        Assert.Equal([Default], _budget.Spent(_now));
        Pass(0.1);
        Assert.Empty(_budget.Contests(_now));
        Assert.True(_budget.TrySpend(Default, _now));
    }

    [Fact]
    public void Five_rewrites_that_took_a_minute_make_a_truce_of_half_a_minute()
    {
        for (var rewrite = 0; rewrite < 5; rewrite++)
        {
            Assert.True(_budget.TrySpend(Default, _now));
            Pass(11.9);
        }

        Assert.False(_budget.TrySpend(Default, _now));
        Assert.Equal(_now + TimeSpan.FromSeconds(30), Assert.Single(_budget.Contests(_now)).Until);
    }

    [Fact]
    public void Whoever_asks_ten_times_a_second_for_an_hour_never_gets_more_than_five_in_any_minute()
    {
        Queue<DateTimeOffset> lastMinute = [];
        for (var turn = 0; turn < 36_000; turn++)
        {
            if (_budget.TrySpend(Default, _now))
            {
                lastMinute.Enqueue(_now);
            }

            while (lastMinute.TryPeek(out var first) && _now - first >= TimeSpan.FromMinutes(1))
            {
                lastMinute.Dequeue();
            }

            Assert.InRange(lastMinute.Count, 0, 5);
            Pass(0.1);
        }
    }

    [Fact]
    public void Rewrites_that_are_far_enough_apart_never_make_a_truce()
    {
        for (var rewrite = 0; rewrite < 1000; rewrite++)
        {
            Assert.True(_budget.TrySpend(Default, _now));
            Pass(12);
        }
    }

    [Fact]
    public void Truces_double_up_to_five_minutes() =>
        Assert.Equal([60, 60, 120, 240, 300, 300], Enumerable.Range(0, 6).Select(_ => NextTruceSeconds()));

    [Fact]
    public void After_ten_quiet_minutes_the_first_truce_is_the_first_again()
    {
        Assert.Equal([60, 60, 120], Enumerable.Range(0, 3).Select(_ => NextTruceSeconds()));
        // The last attempt was the one that made the truce of 120 s.
        _now += RewriteBudget.QuietTime - TimeSpan.FromSeconds(121);
        Assert.Equal(240, NextTruceSeconds());
        _now += RewriteBudget.QuietTime;
        Assert.Equal(60, NextTruceSeconds());
    }

    [Fact]
    public void Asking_during_a_truce_is_no_quiet_time()
    {
        for (var truce = 0; truce < 5; truce++)
        {
            NextTruceSeconds();
        }

        SpendUntilRefused();
        for (var minute = 0; minute < 4; minute++)
        {
            Pass(60);
            Assert.False(_budget.TrySpend(Default, _now));
        }

        Pass(60);
        Assert.Equal(300, NextTruceSeconds());
    }

    [Fact]
    public void Each_route_has_a_budget_of_its_own()
    {
        SpendUntilRefused();
        Assert.True(_budget.TrySpend(Key("10.9.0.0/16 dev tun0"), _now));
    }

    [Fact]
    public void A_flood_of_other_routes_does_not_end_a_truce()
    {
        NextTruceSeconds();
        NextTruceSeconds();
        SpendUntilRefused();
        var end = Assert.Single(_budget.Contests(_now)).Until;
        for (uint at = 0; at < 3 * RewriteBudget.KeysMax; at++)
        {
            _budget.TrySpend(Other(at), _now);
            Pass(0.005);
        }

        Assert.True(_now < end, "the flood took longer than the truce");
        Assert.False(_budget.TrySpend(Default, _now));
        Assert.Equal(end, Assert.Single(_budget.Contests(_now)).Until);
    }

    [Fact]
    public void A_flood_of_other_routes_blocks_a_new_one_for_no_longer_than_the_window()
    {
        for (uint at = 0; at < 2 * RewriteBudget.KeysMax; at++)
        {
            _budget.TrySpend(Other(at), _now);
        }

        Assert.False(_budget.TrySpend(Default, _now));
        _now += RewriteBudget.Window;
        Assert.True(_budget.TrySpend(Default, _now));
    }

    [Fact]
    public void As_many_quarrels_as_can_be_remembered_block_a_new_route_for_no_longer_than_a_truce()
    {
        for (uint at = 0; at < RewriteBudget.KeysMax; at++)
        {
            while (_budget.TrySpend(Other(at), _now)) { }
        }

        Assert.Equal(RewriteBudget.KeysMax, _budget.Contests(_now).Count);
        Pass(59);
        Assert.False(_budget.TrySpend(Default, _now));
        Pass(1);
        Assert.True(_budget.TrySpend(Default, _now));
        Assert.True(_budget.TrySpend(Key("10.9.0.0/16 dev tun0"), _now));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_truce_longer()
    {
        SpendUntilRefused();
        _now -= TimeSpan.FromDays(1);
        Assert.Empty(_budget.Contests(_now));
        Assert.True(_budget.TrySpend(Default, _now));
    }

    private int SpendUntilRefused()
    {
        var spent = 0;
        while (_budget.TrySpend(Default, _now))
        {
            spent++;
        }

        return spent;
    }

    private double NextTruceSeconds()
    {
        SpendUntilRefused();
        var until = Assert.Single(_budget.Contests(_now)).Until;
        var seconds = (until - _now).TotalSeconds;
        _now = until;
        return seconds;
    }

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    private static RouteKey Other(uint at) =>
        RouteKey.Of(
            new()
            {
                Destination = Prefix.Host(IpAddress.V4(0x0a00_0000 + at)),
                NextHop = new NextHop.OnLink(Tables.Tun0),
            }
        );

    private static RouteKey Key(string line) => RouteKey.Of(Tables.Parse(line).Routes[0]);
}
