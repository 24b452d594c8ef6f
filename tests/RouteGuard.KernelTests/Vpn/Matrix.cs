namespace RouteGuard.KernelTests.Vpn;

/// <summary>What was seen, a row a case: <c>tests/run</c> gathers the rows of all tests into one table.</summary>
internal static class Matrix
{
    /// <summary>What a row begins with, for whoever gathers them.</summary>
    private const string Mark = "matrix";

    /// <summary>Adds a row to this test's output.</summary>
    /// <param name="vpn">Which program.</param>
    /// <param name="happening">What befell it.</param>
    /// <param name="measured">Figures, in words.</param>
    /// <param name="outcome">How it ended; a test that fails says so elsewhere.</param>
    public static void Add(VpnKind vpn, string happening, string measured, string outcome) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{Mark} | {vpn} | {happening} | {measured} | {outcome}");
}
