using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>What one kernel table answers for every address of a family, seen from one interface.</summary>
/// <param name="ByInterface">Addresses that leave by the interface and by no other.</param>
/// <param name="Answered">Addresses for which the lookup ends here, whatever the answer.</param>
internal sealed record TableAnswers(PrefixSet ByInterface, PrefixSet Answered)
{
    /// <summary>Asks by longest prefix, in one walk over the routes.</summary>
    /// <param name="table">All tables.</param>
    /// <param name="number">The table that is asked.</param>
    /// <param name="family">The family.</param>
    /// <param name="device">The interface.</param>
    /// <param name="suppressed">Answers by a prefix this short or shorter are ignored; -1 ignores none.</param>
    /// <remarks>
    /// Sources: net/ipv4/fib_trie.c:fib_table_lookup, net/ipv6/ip6_fib.c:fib6_table_lookup, fib_rule_suppress. A route
    /// with a TOS, with a source prefix or scoped to an interface does not count: an ordinary packet does not meet it.
    /// </remarks>
    public static TableAnswers Of(RouteTable table, uint number, IpFamily family, InterfaceIndex device, int suppressed)
    {
        var draft = new Draft();
        var routes = table.Routes;
        var at = 0;
        while (at < routes.Length)
        {
            if (routes[at].Family != family || routes[at].Table != number)
            {
                at++;
                continue;
            }

            var end = at + 1;
            while (
                end < routes.Length && routes[end].Destination == routes[at].Destination && routes[end].Table == number
            )
            {
                end++;
            }

            if (AnswerOf(table, routes.AsSpan()[at..end], device) is { } answer)
            {
                var destination = routes[at].Destination;
                draft.Enter(destination, destination.Length <= suppressed ? Answer.None : answer);
            }

            at = end;
        }

        return draft.Finish(family);
    }

    /// <summary>True when packets meet the route whatever their source, TOS and socket are.</summary>
    public static bool CountsForAll(Route route) =>
        route.Tos == 0 && route.ScopeInterface.IsNone && route.Attributes.Source is null;

    // Null when no route of the place counts. IPv6 spreads packets over routes of equal metric, so all of them decide.
    private static Answer? AnswerOf(RouteTable table, ReadOnlySpan<Route> place, InterfaceIndex device)
    {
        Route? best = null;
        var answer = Answer.None;
        foreach (var route in place)
        {
            if (!CountsForAll(route))
            {
                continue;
            }

            var isSibling = best is not null && route.Family == IpFamily.V6 && route.Metric == best.Metric;
            if (best is null || route.Metric < best.Metric)
            {
                best = route;
                answer = AnswerOf(table, route.NextHop, device);
            }
            else if (isSibling && answer == Answer.ByInterface)
            {
                answer = AnswerOf(table, route.NextHop, device);
            }
        }

        return best is null ? null : answer;
    }

    private static Answer AnswerOf(RouteTable table, NextHop nextHop, InterfaceIndex device)
    {
        var leaves = nextHop switch
        {
            NextHop.Throw => (bool?)null,
            NextHop.Multipath multipath => multipath.Legs.All(leg => leg.Device == device),
            NextHop.Shared shared => table.NextHops.FirstOrDefault(one => one.Id == shared.Id)?.Device == device,
            NextHop.Special => false,
            _ => nextHop.Device == device,
        };
        return leaves switch
        {
            null => Answer.None,
            true => Answer.ByInterface,
            false => Answer.Other,
        };
    }

    private enum Answer
    {
        /// <summary>The lookup goes on in the next rule.</summary>
        None,
        ByInterface,
        Other,
    }

    // Prefixes nest, so those that hold the place where the walk stands are a stack, the longest on top.
    private sealed class Draft
    {
        private readonly Stack<(UInt128 Last, Answer Answer)> _open = [];
        private readonly List<AddressRange> _byInterface = [];
        private readonly List<AddressRange> _answered = [];
        private UInt128 _next;

        public void Enter(Prefix prefix, Answer answer)
        {
            while (_open.TryPeek(out var top) && top.Last < prefix.First)
            {
                Leave();
            }

            if (_open.TryPeek(out var around) && _next < prefix.First)
            {
                Say(around.Answer, prefix.First - 1);
            }

            _next = prefix.First;
            _open.Push((prefix.Last, answer));
        }

        public TableAnswers Finish(IpFamily family)
        {
            while (_open.Count > 0)
            {
                Leave();
            }

            return new(PrefixSet.FromAscending(family, _byInterface), PrefixSet.FromAscending(family, _answered));
        }

        private void Leave()
        {
            var (last, answer) = _open.Pop();
            if (_next <= last)
            {
                Say(answer, last);
            }

            if (last == UInt128.MaxValue)
            {
                // The end of all addresses: whatever is still open ends here too and has no more to say.
                _open.Clear();
                return;
            }

            _next = UInt128.Max(_next, last + 1);
        }

        private void Say(Answer answer, UInt128 last)
        {
            var range = new AddressRange(_next, last);
            if (answer != Answer.None)
            {
                _answered.Add(range);
            }

            if (answer == Answer.ByInterface)
            {
                _byInterface.Add(range);
            }
        }
    }
}
