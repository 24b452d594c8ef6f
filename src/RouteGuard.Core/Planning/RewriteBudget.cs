using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>A route that somebody keeps undoing.</summary>
public sealed record Contest(RouteKey Key, DateTimeOffset Until);

/// <summary>How often a route may be written again before we leave it to whoever keeps undoing us.</summary>
public sealed class RewriteBudget
{
    public const int RewritesPerMinuteMax = 5;
    public const int KeysMax = 4096;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan TruceFirst = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan TruceMax = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10);

    private readonly Dictionary<RouteKey, Account> _accounts = [];

    public bool TrySpend(RouteKey key, DateTimeOffset now)
    {
        if (!_accounts.TryGetValue(key, out var account) || now - account.LastAt > ForgottenAfter)
        {
            if (_accounts.Count >= KeysMax && !_accounts.ContainsKey(key))
            {
                return false;
            }

            account = new();
            _accounts[key] = account;
        }

        account.LastAt = now;
        if (account.Until > now)
        {
            return false;
        }

        while (account.Spent.TryPeek(out var first) && now - first >= Window)
        {
            account.Spent.Dequeue();
        }

        if (account.Spent.Count < RewritesPerMinuteMax)
        {
            account.Spent.Enqueue(now);
            return true;
        }

        account.Truce =
            account.Truce == TimeSpan.Zero ? TruceFirst
            : account.Truce * 2 > TruceMax ? TruceMax
            : account.Truce * 2;
        account.Until = now + account.Truce;
        account.Spent.Clear();
        return false;
    }

    public IReadOnlyList<Contest> Contests(DateTimeOffset now) =>
        [.. _accounts.Where(one => one.Value.Until > now).Select(one => new Contest(one.Key, one.Value.Until))];

    private sealed class Account
    {
        public Queue<DateTimeOffset> Spent { get; } = [];
        public DateTimeOffset Until { get; set; }
        public TimeSpan Truce { get; set; }
        public DateTimeOffset LastAt { get; set; }
    }
}
