using RouteGuard.Tests.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>The simulated kernel does what the real routing code did, byte for byte.</summary>
public class ReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => VectorFile.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_capture_plays_as_it_was_captured(string name)
    {
        var replay = Replay.Of(VectorFile.Named(name));
        output.WriteLine($"{name}: {replay.Matched} of {replay.Steps} steps {replay.Difference}");
        Assert.Equal(string.Empty, replay.Difference);
    }

    [Fact]
    public void All_captures_together_are_23_with_1656_steps_and_every_one_agrees()
    {
        var replays = VectorFile.All.Select(Replay.Of).ToArray();
        output.WriteLine(
            $"{replays.Length} captures, {replays.Sum(replay => replay.Matched)} of {replays.Sum(replay => replay.Steps)} steps agree"
        );
        output.WriteLine(
            string.Join('\n', Replay.Excepted.Select(field => $"not compared: {field.Key}, {field.Value}"))
        );
        Assert.Equal(
            (23, 1656, 1656),
            (replays.Length, replays.Sum(replay => replay.Steps), replays.Sum(replay => replay.Matched))
        );
    }
}
