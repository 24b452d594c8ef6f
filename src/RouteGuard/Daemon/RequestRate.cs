using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using RouteGuard.Configuration;

namespace RouteGuard.Daemon;

/// <summary>How many requests a user may make: so many a second, and after a silence a burst of them.</summary>
/// <remarks>
/// What is remembered is bounded: a rate belongs to a slot of user numbers, and one that nobody uses is forgotten after
/// some seconds. The rate is part of the slot's name, so that another configuration holds from the next request on.
/// </remarks>
internal static class RequestRate
{
    /// <summary>One rate for itself.</summary>
    /// <param name="IsPrivileged">Root, the daemon's own user or the group.</param>
    /// <param name="Number">Of the user, modulo <see cref="Limits.RateSlots"/>.</param>
    /// <param name="PerSecond">Requests.</param>
    public readonly record struct Slot(bool IsPrivileged, uint Number, int PerSecond);

    public static Slot SlotOf(Peer peer, uint ownUid, int perSecond)
    {
        var isPrivileged = Access.IsPrivileged(peer, ownUid);
        return new(
            isPrivileged,
            peer.Uid % Limits.RateSlots,
            isPrivileged ? perSecond * Limits.PrivilegedFactor : perSecond
        );
    }

    public static void Use(RateLimiterOptions options, Settings settings, uint ownUid)
    {
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Slot>(context =>
            RateLimitPartition.GetTokenBucketLimiter(
                SlotOf(
                    context.Features.Get<Peer>() ?? PeerCredentials.Nobody,
                    ownUid,
                    settings.Now.Limits.RequestsPerSecond
                ),
                BucketOf
            )
        );
        options.OnRejected = (rejected, _) => RefuseAsync(rejected, ownUid);
    }

    // To refuse costs nearly as much as to answer: whoever floods is made to wait for it, one request a connection.
    private static async ValueTask RefuseAsync(OnRejectedContext rejected, uint ownUid)
    {
        var context = rejected.HttpContext;
        if (!Access.IsPrivileged(context.Features.Get<Peer>() ?? PeerCredentials.Nobody, ownUid))
        {
            await Task.Delay(Limits.RefusalHeld, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await Refusal(rejected.Lease).WriteAsync(context);
        }
    }

    private static TokenBucketRateLimiterOptions BucketOf(Slot slot) =>
        new()
        {
            TokenLimit = slot.PerSecond * Limits.BurstSeconds,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1) / slot.PerSecond,
            QueueLimit = 0,
            // The limiter of all slots fills them by the time that has passed.
            AutoReplenishment = false,
        };

    private static Reply Refusal(RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after.TotalSeconds : 0;
        return Reply.Problem(
            StatusCodes.Status429TooManyRequests,
            "TooManyRequests",
            "Cannot answer: this user asks too often. Ask less often, or listen to GET /v1/events."
        ) with
        {
            RetryAfterSeconds = Math.Max(Limits.RetrySeconds, (int)Math.Ceiling(wait)),
        };
    }
}
