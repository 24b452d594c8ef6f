namespace RouteGuard.Tests.Configuration;

/// <summary>Configuration files, and what is said of each; null for one that is followed.</summary>
internal static class Cases
{
    public static IReadOnlyList<(string Text, string? Problem)> All => [.. OfText, .. OfNumbers, .. OfShape];

    private static readonly (string Text, string? Problem)[] OfText =
    [
        ("{}", null),
        ("""{"$schema":"https://example.org/routeguard.schema.json"}""", null),
        ("""{"$schema":7}""", "$schema is 7, and may be text."),
        ("""{"access":{"group":"vpn-admins_2.x"}}""", null),
        ("""{"access":{}}""", null),
        ("""{"access":{"group":""}}""", GroupIs("\"\"")),
        ("""{"access":{"group":"9to5"}}""", GroupIs("\"9to5\"")),
        ("""{"access":{"group":"two words"}}""", GroupIs("\"two words\"")),
        ("""{"access":{"group":"a\n"}}""", GroupIs("\"a\\n\"")),
        ("""{"access":{"group":"größe"}}""", GroupIs("\"größe\"")),
        ("""{"access":{"group":"a2345678901234567890123456789012"}}""", null),
        (
            """{"access":{"group":"a23456789012345678901234567890123"}}""",
            GroupIs("\"a23456789012345678901234567890123\"")
        ),
        ("""{"access":{"group":null}}""", GroupIs("null")),
        ("""{"access":null}""", "access is null, and may be an object."),
        ("""{"access":"routeguard"}""", "access is \"routeguard\", and may be an object."),
        ("""{"access":{"user":"me"}}""", "access.user (\"me\") is not known. Here may be: group."),
        (
            """{"Access":{}}""",
            "Access ({}) is not known. Here may be: $schema, access, health, limits, sessions, guard, log."
        ),
        (
            """{"access.group":"x"}""",
            "access.group (\"x\") is not known. Here may be: $schema, access, health, limits, sessions, guard, log."
        ),
    ];

    private static readonly (string Text, string? Problem)[] OfNumbers =
    [
        ("""{"health":{"loopbackPort":7743}}""", null),
        ("""{"health":{"loopbackPort":null}}""", null),
        ("""{"health":{"loopbackPort":0}}""", PortIs("0")),
        ("""{"health":{"loopbackPort":65536}}""", PortIs("65536")),
        ("""{"health":{"loopbackPort":"7743"}}""", PortIs("\"7743\"")),
        ("""{"health":{"loopbackPort":-1}}""", PortIs("-1")),
        ("""{"health":{"loopbackPort":80.5}}""", PortIs("80.5")),
        ("""{"limits":{"requestsPerSecond":1,"connectionsPerUser":1,"streamsPerUser":1}}""", null),
        ("""{"limits":{"requestsPerSecond":10000,"connectionsPerUser":448,"streamsPerUser":16}}""", null),
        ("""{"limits":{"requestsPerSecond":2e2}}""", null),
        ("""{"limits":{"requestsPerSecond":200.0}}""", null),
        ("""{"limits":{"requestsPerSecond":0}}""", Is("limits.requestsPerSecond", "0", "1 to 10000")),
        ("""{"limits":{"requestsPerSecond":10001}}""", Is("limits.requestsPerSecond", "10001", "1 to 10000")),
        ("""{"limits":{"requestsPerSecond":1e400}}""", Is("limits.requestsPerSecond", "1e400", "1 to 10000")),
        ("""{"limits":{"requestsPerSecond":true}}""", Is("limits.requestsPerSecond", "true", "1 to 10000")),
        ("""{"limits":{"requestsPerSecond":[200]}}""", Is("limits.requestsPerSecond", "[200]", "1 to 10000")),
        ("""{"limits":{"connectionsPerUser":449}}""", Is("limits.connectionsPerUser", "449", "1 to 448")),
        ("""{"limits":{"streamsPerUser":17}}""", Is("limits.streamsPerUser", "17", "1 to 16")),
    ];

    private static readonly (string Text, string? Problem)[] OfShape =
    [
        ("""{"sessions":{"onDeath":"hold","onDrift":"report","leaseSeconds":5}}""", null),
        ("""{"sessions":{"onDeath":"keep","onDrift":"restore","leaseSeconds":3600}}""", null),
        ("""{"sessions":{"leaseSeconds":null}}""", null),
        ("""{"sessions":{"onDeath":"Hold"}}""", "sessions.onDeath is \"Hold\", and may be restore, hold or keep."),
        (
            """{"sessions":{"onDrift":"hold"}}""",
            "sessions.onDrift is \"hold\", and may be reassert, report or restore."
        ),
        (
            """{"sessions":{"leaseSeconds":4.9}}""",
            "sessions.leaseSeconds is 4.9, and may be a number from 5 to 3600, or null."
        ),
        (
            """{"sessions":{"leaseSeconds":3601}}""",
            "sessions.leaseSeconds is 3601, and may be a number from 5 to 3600, or null."
        ),
        ("""{"guard":{"auditSeconds":1,"upAfterQuietSeconds":0.5,"baselineGraceSeconds":0}}""", null),
        ("""{"guard":{"auditSeconds":15,"upAfterQuietSeconds":60,"baselineGraceSeconds":60}}""", null),
        ("""{"guard":{"auditSeconds":15.1}}""", "guard.auditSeconds is 15.1, and may be a number from 1 to 15."),
        (
            """{"guard":{"upAfterQuietSeconds":0.4}}""",
            "guard.upAfterQuietSeconds is 0.4, and may be a number from 0.5 to 60."
        ),
        (
            """{"guard":{"baselineGraceSeconds":-1}}""",
            "guard.baselineGraceSeconds is -1, and may be a number from 0 to 60."
        ),
        ("""{"log":{"level":"debug"}}""", null),
        (
            """{"log":{"level":"verbose"}}""",
            "log.level is \"verbose\", and may be debug, information, warning or error."
        ),
        ("[]", "all of it is [], and may be an object."),
        ("null", "all of it is null, and may be an object."),
        ("""{"log":{},"log":{}}""", "log is there twice, now as {}. Keep one."),
        ("""{"log":{"level":"error","level":"debug"}}""", "log.level is there twice, now as \"debug\". Keep one."),
        ("", NotJson(1, 1)),
        ("{", NotJson(1, 2)),
        ("{\n  // why\n}", NotJson(2, 3)),
        ("{\"log\":{},\n}", NotJson(2, 1)),
        ("{}{}", NotJson(1, 3)),
    ];

    private static string GroupIs(string value) =>
        $"access.group is {value}, and may be a group's name: 1 to 32 letters, digits, '.', '_' or '-', the first a letter or '_'.";

    private static string PortIs(string value) =>
        $"health.loopbackPort is {value}, and may be a whole number from 1 to 65535, or null.";

    private static string Is(string key, string value, string range) =>
        $"{key} is {value}, and may be a whole number from {range}.";

    private static string NotJson(int line, int at) =>
        $"line {line} is not JSON at byte {at}. Comments and trailing commas are not either.";
}
