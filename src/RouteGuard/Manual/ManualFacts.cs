namespace RouteGuard.Manual;

/// <summary>What the man page says that no command's definition does.</summary>
internal static class ManualFacts
{
    public const string Exit =
        "A refusal is one sentence on the error stream; what is printed on the other is the answer and nothing else.";

    public const string Output =
        "With --json every reading command answers in JSON whose members are only ever added to; routeguard schema prints what it promises. watch prints one object a line. "
        + "Colour is used on a terminal unless NO_COLOR is set. What came from a file, a program or the kernel is printed with control characters made visible.";

    public static IReadOnlyList<(int Code, string Meaning)> ExitCodes { get; } =
    [
        (ExitCode.Done, "Done, or nothing to do."),
        (ExitCode.Failed, "Failed; the error stream says what, and what to do."),
        (ExitCode.Usage, "The command line makes no sense; nothing was done."),
        (ExitCode.NotPermitted, "Not permitted: neither root, nor of the group, nor whose session it is."),
        (ExitCode.NoDaemon, "There is no daemon to ask. restore and plan need none."),
        (ExitCode.PartlyRestored, "Restored in part: something could not be put back; the answer says what."),
        (ExitCode.Contested, "Another program keeps undoing what was put back; it is left alone for a while."),
    ];

    public static IReadOnlyList<(string Name, string Text)> Environment { get; } =
    [
        ("ROUTEGUARD_STATE_DIR", "As --state-dir. Not asked for root: its environment may have come through sudo."),
        ("ROUTEGUARD_RUNTIME_DIR", "As --runtime-dir. Not asked for root either."),
        ("NO_COLOR", "No colour, if it is set to anything."),
        ("COLUMNS", "How wide the terminal is."),
    ];

    public static IReadOnlyList<(string Path, string Text)> Files { get; } =
    [
        ("/etc/routeguard/routeguard.json", "The daemon's configuration, which is optional; read again on SIGHUP."),
        ("/var/lib/routeguard", "Sessions with their baselines, and the journal. Root's alone."),
        ("/run/routeguard/routeguard.sock", "Where the daemon answers."),
        ("/Library/Application Support/RouteGuard/config.json", "The daemon's configuration on macOS."),
        ("/Library/Application Support/RouteGuard/state", "Sessions, baselines and journal on macOS."),
        ("/var/run/routeguard/routeguard.sock", "Where the daemon answers on macOS."),
    ];

    public static IReadOnlyList<(string Page, int Section)> SeeAlso { get; } =
    [("ip-route", 8), ("ip-rule", 8), ("route", 8), ("rtnetlink", 7), ("systemd.service", 5), ("launchd.plist", 5)];

    /// <summary>What the exit codes of one command mean beyond the table, by its path.</summary>
    public static IReadOnlyDictionary<string, string> ExitOf { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["run"] = "Ends with the code of its command.",
            ["status"] =
                "Ends with 0 whatever the verdict, but with 6 while something is contested, and with 4 without a daemon.",
            ["doctor"] = "Ends with 0 also when it found something, and with 1 when a repair was refused.",
            ["plan"] = "Ends with 0 whatever a restore would do.",
            ["restore"] =
                "Ends with 0 when the baseline is back or was never gone, with 5 when it is back in part, with 1 when not.",
            ["session end"] = "Ends as restore does.",
            ["demo"] = "Ends with 0 only when the table after each restore is the table before.",
        };
}
