using System.Runtime.InteropServices;
using RouteGuard.TunVpn;

// Where the default by the physical interface goes so that it loses; stands in for a default that is "scoped to en0".
const int LosingMetric = 4000;

var tunnel = Value("--tunnel");
var server = Value("--server");
var isPersistent = args.Contains("--persistent");
var takesHalves = args.Contains("--half-defaults");

using var stopAsked = new ManualResetEventSlim();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

using var device = TunDevice.Open(tunnel);
device.SetPersistent(isPersistent);
RouteSteps.Ip("addr", "add", "10.11.0.2/24", "dev", tunnel);
RouteSteps.Ip("link", "set", tunnel, "mtu", "1400", "up");

var before = RouteSteps.Ip("-4", "route", "show", "default").Split('\n')[0].Trim();
var words = before.Split(' ');
var gateway = words[Array.IndexOf(words, "via") + 1];
var physical = words[Array.IndexOf(words, "dev") + 1];

var steps = new RouteSteps();
var toServer = $"{server}/32 via {gateway} dev {physical}";
steps.Do($"route add {toServer}", $"route delete {toServer}");
if (takesHalves)
{
    steps.Do($"route add 0.0.0.0/1 dev {tunnel}", $"route delete 0.0.0.0/1 dev {tunnel}");
    steps.Do($"route add 128.0.0.0/1 dev {tunnel}", $"route delete 128.0.0.0/1 dev {tunnel}");
}
else
{
    var losing = $"default via {gateway} dev {physical} metric {LosingMetric}";
    steps.Do($"route delete {before}", $"route add {before}");
    steps.Do($"route add {losing}", $"route delete {losing}");
    steps.Do($"route add default dev {tunnel}", $"route delete default dev {tunnel}");
}

Console.WriteLine("ready");
stopAsked.Wait();
steps.UndoAll();
device.SetPersistent(isPersistent: false);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopAsked.Set();
}

string Value(string option) =>
    Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length
        ? args[at + 1]
        : throw new ArgumentException($"Cannot start: {option} is missing.");
