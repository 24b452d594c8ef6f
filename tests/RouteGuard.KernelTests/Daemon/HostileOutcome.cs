using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>What came of one hostile request.</summary>
/// <param name="Request">As it was sent.</param>
/// <param name="Answers">In order; none is a way to refuse as well.</param>
/// <param name="Fault">What was wrong with the way in which they came; null for nothing.</param>
internal sealed record HostileOutcome(HostileRequest Request, IReadOnlyList<WireAnswer> Answers, string? Fault)
{
    private const int FaultsShownMax = 20;
    private const int BytesShownMax = 300;

    /// <summary>503: busy. 505: no such version of HTTP (RFC 9110). 507: the disk is full.</summary>
    private static readonly int[] ServerFaultsAllowed = [503, 505, 507];

    /// <summary>What the daemon did that it must not; null for nothing.</summary>
    public string? Problem =>
        Fault
        ?? Answers
            .Where(answer =>
                (answer.Status >= 500 && !ServerFaultsAllowed.Contains(answer.Status))
                || (answer.Status is >= 200 and < 300 && Request.MustBeRefused)
            )
            .Select(answer => $"answered {answer.Status} {answer.Body}")
            .FirstOrDefault();

    /// <summary>Fails the test, with the first bytes of what was sent, unless each was taken as it must be.</summary>
    public static void MustBeHarmless(IReadOnlyList<HostileOutcome> all)
    {
        var problems = all.Where(one => one.Problem is not null).Select(one => one.ToString()).ToArray();
        Assert.True(
            problems.Length == 0,
            $"{problems.Length} of {all.Count}:\n{string.Join("\n\n", problems.Take(FaultsShownMax))}"
        );
    }

    public override string ToString()
    {
        var shown = Encoding.Latin1.GetString(Request.Bytes.AsSpan(0, Math.Min(Request.Bytes.Length, BytesShownMax)));
        var text = shown.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
        return $"{Request.Kind}: {Problem}\n{text}";
    }
}
