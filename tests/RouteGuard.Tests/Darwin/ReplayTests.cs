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

    // More captures may come; fewer, or shorter ones, would be proof that went missing.
    private const int CapturesMin = 23;
    private const int StepsMin = 1656;

    [Fact]
    public void All_captures_play_and_none_of_their_steps_is_left_out()
    {
        var replays = VectorFile.All.Select(Replay.Of).ToArray();
        output.WriteLine(
            $"{replays.Length} captures, {replays.Sum(replay => replay.Matched)} of {replays.Sum(replay => replay.Steps)} steps agree"
        );
        output.WriteLine(
            string.Join('\n', Replay.Excepted.Select(field => $"not compared: {field.Key}, {field.Value}"))
        );
        Assert.InRange(replays.Length, CapturesMin, int.MaxValue);
        Assert.InRange(replays.Sum(replay => replay.Steps), StepsMin, int.MaxValue);
        Assert.All(replays, replay => Assert.Equal(replay.Steps, replay.Matched));
    }
}
