using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Simulation;

/// <summary>A machine and what happens to it, all from one seed.</summary>
/// <param name="Seed">Where it came from.</param>
/// <param name="HasDhcpDefault">The machine's default is DHCP's with metric 100; else hand-made without one.</param>
/// <param name="HasV6">It has an IPv6 default too.</param>
/// <param name="HasEcho">The kernel tells the guard of its own changes.</param>
/// <param name="Actions">In their order.</param>
internal sealed record SimScript(
    int Seed,
    bool HasDhcpDefault,
    bool HasV6,
    bool HasEcho,
    IReadOnlyList<SimAction> Actions
)
{
    private const int ActionsMin = 4;
    private const int ActionsMax = 12;
    private static readonly string[] Errnos = ["EBUSY", "ENOBUFS", "ENETUNREACH", "EINVAL"];

    // Every other seed from here on has a kernel that sometimes takes nothing from us at all.
    private const int RefusalsFrom = 60_000;

    public static SimScript Of(int seed) =>
        seed > RefusalsFrom && seed % 2 == 0 ? WithRefusals(WithoutRefusals(seed)) : WithoutRefusals(seed);

    private static SimScript WithoutRefusals(int seed)
    {
        var chance = new Random(seed);
        List<SimAction> actions = [Start(chance, 0), new SimAction.Configure(0, chance.Next(3) * 150, StepsOf(chance))];
        for (var left = chance.Next(ActionsMin, ActionsMax + 1); left > 0; left--)
        {
            actions.AddRange(Next(chance));
        }

        return new(seed, chance.Next(2) == 0, chance.Next(2) == 0, chance.Next(2) == 0, actions);
    }

    private static SimScript WithRefusals(SimScript script)
    {
        var chance = new Random(-script.Seed);
        List<SimAction> actions = [.. script.Actions];
        for (var left = chance.Next(1, 4); left > 0; left--)
        {
            actions.Insert(chance.Next(1, actions.Count + 1), new SimAction.KernelRefuses(chance.Next(1, 9)));
        }

        return script with
        {
            Actions = actions,
        };
    }

    public override string ToString() =>
        $"seed {Seed}: {(HasDhcpDefault ? "DHCP default" : "hand-made default")}{(HasV6 ? ", IPv6" : "")}{(HasEcho ? ", echo" : "")}\n  "
        + string.Join("\n  ", Actions);

    private static IEnumerable<SimAction> Next(Random chance)
    {
        var vpn = chance.Next(2);
        return chance.Next(20) switch
        {
            0 or 1 => [Start(chance, vpn), new SimAction.Configure(vpn, chance.Next(3) * 150, StepsOf(chance))],
            2 => [new SimAction.Configure(vpn, chance.Next(3) * 150, StepsOf(chance))],
            3 => [new SimAction.SayUp(vpn)],
            4 or 5 or 6 =>
            [
                new SimAction.Wait(
                    chance.Next(4) switch
                    {
                        0 => 50,
                        1 => 500,
                        2 => 4_000,
                        _ => 20_000,
                    }
                ),
            ],
            7 => [new SimAction.Stop(vpn, (StopManner)chance.Next(4))],
            8 or 9 => [new SimAction.Kill(vpn, (KillManner)chance.Next(4))],
            10 => [new SimAction.Hang(vpn)],
            11 => [new SimAction.GuardDies(chance.Next(3) == 0 ? 0 : chance.Next(1, 40))],
            12 => [new SimAction.GuardStarts()],
            13 => [new SimAction.PowerGoes(chance.Next(3) == 0 ? 0 : chance.Next(1, 30))],
            14 => [new SimAction.Foreign(chance.Next(4), chance.Next(2) == 0)],
            15 => [chance.Next(2) == 0 ? new SimAction.ForeignGoes() : new SimAction.RepeatEvents()],
            16 => [new SimAction.Rival(vpn, chance.Next(8), chance.Next(2) == 0, chance.Next(1, 30))],
            17 => [new SimAction.LoseEvents()],
            18 => [new SimAction.Refuse(Errnos[chance.Next(Errnos.Length)], chance.Next(1, 12))],
            _ => [Disturb(chance)],
        };
    }

    private static SimAction Disturb(Random chance) =>
        chance.Next(4) switch
        {
            0 => new SimAction.DiskRefuses(chance.Next(1, 8)),
            1 => new SimAction.DiskFull(chance.Next(3) > 0),
            _ => new SimAction.Roam((RoamManner)chance.Next(3)),
        };

    private static SimAction.Begin Start(Random chance, int vpn) =>
        new(
            vpn,
            (VpnKind)chance.Next(6),
            chance.Next(6) switch
            {
                0 => DeathPolicy.Hold,
                1 => DeathPolicy.Keep,
                _ => DeathPolicy.Restore,
            },
            chance.Next(5) switch
            {
                0 => DriftPolicy.Report,
                1 => DriftPolicy.Restore,
                _ => DriftPolicy.Reassert,
            },
            chance.Next(3) == 0,
            chance.Next(2) == 0
        );

    // Most VPNs finish what they begin.
    private static int StepsOf(Random chance) => chance.Next(5) == 0 ? chance.Next(1, 6) : int.MaxValue;
}
