namespace RouteGuard.KernelTests.Daemon;

/// <summary>Every kind of hostile request, in turn.</summary>
internal static class HostileMix
{
    /// <param name="seed">The same seed, the same requests.</param>
    /// <param name="session">A session that is up.</param>
    /// <param name="count">How many.</param>
    public static HostileRequest[] Take(int seed, string session, int count)
    {
        var chance = new Random(seed);
        var (heads, paths, bodies) = (
            new HostileHeads(chance),
            new HostilePaths(chance),
            new HostileBodies(chance, session)
        );
        var cuts = chance.Next(1000);
        Func<HostileRequest>[] kinds =
        [
            heads.RequestLine,
            heads.Greeting,
            heads.LineEnds,
            heads.Header,
            heads.Host,
            heads.ManyHeaders,
            heads.LargeHeaders,
            heads.LongTarget,
            heads.Length,
            heads.TwoLengths,
            heads.LengthAndChunks,
            heads.Coding,
            heads.ChunkFrame,
            heads.ChunkExtension,
            heads.ManyChunks,
            heads.Target,
            heads.Method,
            heads.Upgrade,
            heads.Expectation,
            heads.Pipeline,
            paths.Path,
            paths.DeepPath,
            paths.Query,
            paths.EventId,
            paths.RandomBytes,
            paths.Spoiled,
            () => HostilePaths.CutShort(cuts++),
            paths.Abandoned,
            bodies.Number,
            bodies.Type,
            bodies.Cut,
            bodies.Invalid,
            bodies.NoJson,
            bodies.Nesting,
            bodies.HugeString,
            bodies.TwiceTheSame,
            bodies.Text,
            bodies.BadRoutes,
            bodies.ManyRoutes,
            bodies.Large,
            bodies.ContentType,
            bodies.Spoiled,
            bodies.NoBodyWanted,
        ];
        return [.. Enumerable.Range(0, count).Select(turn => kinds[turn % kinds.Length]())];
    }
}
