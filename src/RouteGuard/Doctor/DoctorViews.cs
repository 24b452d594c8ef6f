namespace RouteGuard.Doctor;

/// <summary><c>doctor --json</c></summary>
/// <param name="Checks">What was looked at.</param>
/// <param name="Residue">What dead VPNs left, numbered from 1.</param>
/// <param name="Fixed">What <c>--fix</c> did; absent without it.</param>
internal sealed record DoctorView(
    IReadOnlyList<CheckView> Checks,
    IReadOnlyList<ResidueView> Residue,
    IReadOnlyList<FixView>? Fixed
);

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">Which.</param>
/// <param name="Level">ok, note or problem.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">The exact setting or command; absent when there is nothing to do.</param>
internal sealed record CheckView(string Name, string Level, string Text, string? Advice);

/// <summary>Something that was left behind.</summary>
/// <param name="Number">For <c>--fix</c>.</param>
/// <param name="What">The entry in the words of <c>ip</c>.</param>
/// <param name="Why">Completes "is left behind: …".</param>
/// <param name="Repair">The command that removes it.</param>
internal sealed record ResidueView(int Number, string What, string Why, string Repair);

/// <summary>What became of a repair.</summary>
/// <param name="What">The entry.</param>
/// <param name="Outcome">Applied, AlreadyDone, or Refused with the reason.</param>
internal sealed record FixView(string What, string Outcome);
