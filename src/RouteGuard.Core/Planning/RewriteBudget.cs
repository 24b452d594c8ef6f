using System.Collections.Frozen;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>A route that somebody keeps undoing.</summary>
/// <param name="Key">Which.</param>
/// <param name="Until">Until then we leave it to whoever does.</param>
public sealed record Contest(RouteKey Key, DateTimeOffset Until);

/// <summary>How often a route may be written again before we leave it to whoever keeps undoing us.</summary>
/// <remarks>
/// Two programs that both insist would rewrite the table for ever and the user would have neither. So after a few
/// rewrites we stop for a while, ever longer, and say so; each truce ends with a new try, since the other one may be
/// gone. A truce lasts at least until the window has room again, so that no minute sees more rewrites than one may.
/// What is remembered is bounded: a place is given up only when nothing is lost by it (no rewrite within the
/// window, no truce), or, when that is not enough, when its truce is over. A running truce is never forgotten, and as
/// none lasts longer than <see cref="TruceMax"/>, a new route waits for a place no longer than that.
/// </remarks>
public sealed class RewriteBudget
{
    /// <summary>Rewrites of one route within <see cref="Window"/>; the next one makes a truce.</summary>
    public const int RewritesPerWindowMax = 5;

    /// <summary>Routes that are remembered: more than a person could be told about.</summary>
    public const int KeysMax = 4096;

    /// <summary>Places that a clean-up makes at least, if so many truces are over: it looks at every place, so it must
    /// not be needed for every route.</summary>
    public const int KeysFreedMin = KeysMax / 8;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan TruceFirst = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan TruceMax = TimeSpan.FromMinutes(5);

    /// <summary>Without an attempt for so long a quarrel is over, and the next one starts with the first
    /// truce.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(10);

    /// <summary>Between two clean-ups while there is no place left.</summary>
    public static readonly TimeSpan CleanUpEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RouteKey, Account> _accounts = [];
    private DateTimeOffset _nextCleanUp;

    /// <summary>Asks for one rewrite.</summary>
    /// <returns>False during a truce, when this attempt begins one, and when there is no place to remember
    /// it.</returns>
    public bool TrySpend(RouteKey key, DateTimeOffset now)
    {
        if (!_accounts.TryGetValue(key, out var account))
        {
            if (_accounts.Count >= KeysMax && !TryMakeRoom(now))
            {
                return false;
            }

            account = new();
            _accounts[key] = account;
        }

        return account.TrySpend(now);
    }

    /// <summary>The truces that last, in no order.</summary>
    public IReadOnlyList<Contest> Contests(DateTimeOffset now) =>
        [.. _accounts.Where(one => one.Value.IsInTruce(now)).Select(one => new Contest(one.Key, one.Value.TruceEnd))];

    /// <summary>Routes whose next rewrite would be refused.</summary>
    public IReadOnlySet<RouteKey> Spent(DateTimeOffset now) =>
        _accounts.Where(one => one.Value.IsSpent(now)).Select(one => one.Key).ToFrozenSet();

    private bool TryMakeRoom(DateTimeOffset now)
    {
        // A clock that was set back must not keep everybody waiting until it is that late again.
        if (now < _nextCleanUp && _nextCleanUp - now <= CleanUpEvery)
        {
            return false;
        }

        _nextCleanUp = now + CleanUpEvery;
        foreach (var (key, _) in _accounts.Where(one => one.Value.IsBlank(now)).ToArray())
        {
            _accounts.Remove(key);
        }

        var truceOver = _accounts
            .Where(one => one.Value.IsTruceOver(now))
            .OrderBy(one => one.Value.TruceEnd)
            .Take(int.Max(0, KeysFreedMin - (KeysMax - _accounts.Count)))
            .ToArray();
        foreach (var (key, _) in truceOver)
        {
            _accounts.Remove(key);
        }

        return _accounts.Count < KeysMax;
    }

    private sealed class Account
    {
        private readonly Queue<DateTimeOffset> _spent = new(RewritesPerWindowMax);
        private TimeSpan _truce;
        private TimeSpan _lasts;
        private DateTimeOffset _lastAttempt;

        public DateTimeOffset TruceEnd { get; private set; }

        // A truce that seems to last longer than any was begun before the clock was set back.
        public bool IsInTruce(DateTimeOffset now) => now < TruceEnd && TruceEnd - now <= _lasts;

        public bool IsSpent(DateTimeOffset now) =>
            IsInTruce(now) || _spent.Count(at => IsRecent(at, now)) >= RewritesPerWindowMax;

        public bool IsTruceOver(DateTimeOffset now) => _truce > TimeSpan.Zero && !IsInTruce(now);

        /// <summary>True when a new account would say the same.</summary>
        public bool IsBlank(DateTimeOffset now)
        {
            if (IsInTruce(now))
            {
                return false;
            }

            return IsQuarrelOver(now) || (_truce == TimeSpan.Zero && !_spent.Any(at => IsRecent(at, now)));
        }

        public bool TrySpend(DateTimeOffset now)
        {
            if (IsQuarrelOver(now))
            {
                _truce = TimeSpan.Zero;
            }

            _lastAttempt = now;
            if (IsInTruce(now))
            {
                return false;
            }

            while (_spent.TryPeek(out var first) && !IsRecent(first, now))
            {
                _spent.Dequeue();
            }

            if (_spent.Count < RewritesPerWindowMax)
            {
                _spent.Enqueue(now);
                return true;
            }

            var next = _truce == TimeSpan.Zero ? TruceFirst : _truce * 2;
            _truce = next < TruceMax ? next : TruceMax;
            var untilThereIsRoom = _spent.Peek() + Window - now;
            _lasts = _truce > untilThereIsRoom ? _truce : untilThereIsRoom;
            TruceEnd = now + _lasts;
            return false;
        }

        private bool IsQuarrelOver(DateTimeOffset now) => now - _lastAttempt >= QuietTime;

        private static bool IsRecent(DateTimeOffset at, DateTimeOffset now) => at <= now && now - at < Window;
    }
}
