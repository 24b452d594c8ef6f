using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;

namespace RouteGuard.Demo;

/// <summary>The same machine with its kernel in memory, for systems that have no namespaces to give.</summary>
internal sealed class SimulatedStage : IDemoStage
{
    private readonly SimulatedMachine _machine = new();

    public SimulatedStage() => DemoSteps.Apply(_machine, DemoSteps.Baseline(_machine.Read().Names));

    public string Where =>
        "The kernel is simulated: it lives in this program's memory and has Linux's habits. Guard, plan, state and journal are the real ones.";

    public IKernelRoutes Kernel => _machine;

    public DemoPorts Open()
    {
        _machine.Forget();
        return new(_machine, _machine, _machine, new NoResolver());
    }

    public IDemoVpn StartVpn() => new Vpn(_machine);

    public void Dispose() => _machine.End();

    private sealed class Vpn(SimulatedMachine machine) : IDemoVpn
    {
        public int Pid { get; } = machine.StartProcess();

        public void Connect()
        {
            machine.AddTunnel();
            DemoSteps.Apply(machine, DemoSteps.OfVpn(machine.Read(), machine.Read().Names));
        }

        // What a kernel does with a program that dies: its tunnel goes with it, and the routes by the tunnel.
        public void Kill()
        {
            machine.RemoveTunnel();
            machine.EndProcess(Pid);
        }

        public void Dispose() { }
    }

    private sealed class NoResolver : IDnsSettings
    {
        private const string None = "a simulated machine has no resolver";

        public ResolverSettingsResult Read() => new(null, None);

        public string? Write(ResolverSettings settings) => None;
    }
}
