using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Report;

namespace RouteGuard.Tests.Report;

/// <summary>What a report reads out of a journal.</summary>
public sealed class StoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly SessionId One = SessionId.Parse("s-one");
    private static readonly SessionId Two = SessionId.Parse("s-two");

    private readonly List<JournalRecord> _records = [];

    [Fact]
    public void The_path_goes_from_the_machine_to_the_tunnel_and_back()
    {
        var facts = StoryWorld.Told();
        var story = IncidentStory.Of(facts.Journal, facts.At, facts.IsGuarded);
        Assert.Equal(
            ["Baseline", "Session", "Beside", "Session", "Baseline", "Unknown"],
            story.Paths.Where(span => span.Family == IpFamily.V4).Select(span => $"{span.Mark.Owner}")
        );
        Assert.Equal(
            ["Baseline", "Unknown"],
            story.Paths.Where(span => span.Family == IpFamily.V6).Select(span => $"{span.Mark.Owner}")
        );
        Assert.All(Pairs(story.Paths), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.Equal("its tunnel tun0 is gone", story.Death!.Text);
        Assert.Equal(2, story.Leaks.Count);
        Assert.All(story.Leaks, leak => Assert.Equal(3, (leak.To - leak.From).TotalMilliseconds, 3));
        Assert.Contains(
            story.Events,
            one => one.Record.Lines.Any(line => line.EndsWith("by NetworkManager (pid 812)", StringComparison.Ordinal))
        );
        var closer = story.CloseUp!.Value;
        Assert.InRange(closer.To - closer.From, TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void The_steps_of_the_last_restore_have_their_outcomes()
    {
        var restore = RestoreStory.Of(StoryWorld.Told().Journal);
        Assert.Equal(
            [
                "add default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100|was armed for the death of the tunnel|Applied",
                "delete 203.0.113.2 via 192.0.2.1 dev phys0|was made by the session|Applied",
            ],
            restore.Steps.Select(step => $"{step.Step}|{step.Reason}|{step.Outcome}")
        );
        Assert.Equal("its tunnel tun0 is gone", restore.Closed);
    }

    [Fact]
    public void What_a_death_put_back_was_not_there_while_the_session_lived()
    {
        var story = new StoryWorld();
        story.ComesUp();
        var stored = Assert.Single(story.World.Machine.Stored.Values);
        var overlay = stored.Session.Overlay;
        var restored = overlay with { OwnedRoutes = new([.. overlay.OwnedRoutes, .. overlay.TakenRoutes]) };
        var dead = stored with { Session = stored.Session with { Overlay = restored } };
        Assert.Equal(RouteText.Print(ReportFacts.Wanted([stored])), RouteText.Print(ReportFacts.Wanted([dead])));
        Assert.DoesNotContain(ReportFacts.Wanted([dead]).Routes, route => overlay.TakenRoutes.Contains(route));
    }

    [Fact]
    public void An_intent_without_an_outcome_says_so()
    {
        Write(0, JournalKind.SessionBegun, One);
        Write(10, JournalKind.Death, One, "it is gone");
        Write(11, JournalKind.Intent, One, "restore", lines: ["add default via 192.0.2.1 because it is missing"]);
        var step = Assert.Single(RestoreStory.Of(JournalExcerpt.Of(_records)).Steps);
        Assert.Equal("add default via 192.0.2.1", step.Step);
        Assert.StartsWith("no outcome is written down", step.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_guard_looked_nothing_is_known()
    {
        Write(0, JournalKind.SessionBegun, One, marks: [Mark(0, PathOwner.Baseline, "phys0", isAfterGap: true)]);
        Write(10, JournalKind.SessionUp, One, marks: [Mark(9, PathOwner.Session, "tun0")]);
        Write(100, JournalKind.Note, One, "taken up again", marks: [Mark(100, PathOwner.None, "", isAfterGap: true)]);
        Assert.Equal(
            ["Baseline 0-9", "Session 9-10", "Unknown 10-100 no guard looked", "None 100-120"],
            Spans(120, isGuarded: true)
        );

        // The guard is dead: what it wrote down last was true then.
        Assert.Equal("Unknown 100-120 no guard looked", Spans(120, isGuarded: false)[^1]);
    }

    [Fact]
    public void Between_two_sessions_nothing_is_known_and_beside_another_it_is()
    {
        Write(0, JournalKind.SessionBegun, One, marks: [Mark(0, PathOwner.Baseline, "phys0", isAfterGap: true)]);
        Write(5, JournalKind.SessionBegun, Two);
        Write(10, JournalKind.SessionClosed, Two);
        Write(20, JournalKind.SessionClosed, One);
        Write(30, JournalKind.SessionBegun, One, marks: [Mark(30, PathOwner.Baseline, "phys0", isAfterGap: true)]);
        Assert.Equal(
            ["Baseline 0-20", "Unknown 20-30 no session was open", "Baseline 30-40"],
            Spans(40, isGuarded: true)
        );
    }

    [Fact]
    public void A_journal_from_before_there_were_marks_says_that_it_does_not_say()
    {
        Write(0, JournalKind.SessionBegun, One);
        Write(10, JournalKind.SessionUp, One);
        Assert.Equal(["Unknown 0-40 the journal does not say"], Spans(40, isGuarded: true));
    }

    [Fact]
    public void The_story_is_of_the_session_that_died_last_and_not_of_what_came_after()
    {
        Write(0, JournalKind.SessionBegun, One);
        Write(10, JournalKind.Death, One);
        Write(11, JournalKind.SessionClosed, One);
        Write(12, JournalKind.LeakWindow, null, "IPv4: there was no default for 2000 ms");
        Write(5000, JournalKind.SessionBegun, Two);
        Write(5010, JournalKind.SessionClosed, Two);
        var excerpt = JournalExcerpt.Of(_records);
        Assert.Equal(One, excerpt.Focus);
        Assert.True(excerpt.IsOver);
        Assert.Equal(4, excerpt.Story.Count);
        Assert.Equal(6, excerpt.Tail.Count);
        var leak = Assert.Single(IncidentStory.Of(excerpt, Noon.AddHours(9), false).Leaks);
        Assert.Equal((Noon.AddSeconds(10), Noon.AddSeconds(12)), (leak.From, leak.To));
        Assert.Equal("there was no default", leak.What);
    }

    [Theory]
    [InlineData("IPv4: for 1 ms for x ms")]
    [InlineData("IPv4:  for 1e99 ms")]
    [InlineData("IPv5: there was no default for 1 ms")]
    [InlineData("IPv6 for 1 ms")]
    [InlineData("")]
    public void What_is_no_leak_is_none(string text)
    {
        Write(0, JournalKind.LeakWindow, null, text);
        Assert.Null(LeakReading.TryRead(_records[0]));
    }

    [Fact]
    public void A_journal_that_says_nothing_makes_an_empty_story()
    {
        var story = IncidentStory.Of(JournalExcerpt.Of([]), Noon, true);
        Assert.True(story.IsEmpty);
        Assert.Null(story.CloseUp);
    }

    private static IEnumerable<(PathSpan First, PathSpan Second)> Pairs(IReadOnlyList<PathSpan> spans) =>
        spans.Zip(spans.Skip(1)).Where(pair => pair.First.Family == pair.Second.Family);

    private static PathMark Mark(double second, PathOwner owner, string device, bool isAfterGap = false) =>
        new(Noon.AddSeconds(second), IpFamily.V4, owner, null, device, "default", isAfterGap);

    private void Write(
        double second,
        JournalKind kind,
        SessionId? session,
        string text = "",
        IReadOnlyList<string>? lines = null,
        IReadOnlyList<PathMark>? marks = null
    ) =>
        _records.Add(
            new()
            {
                Number = _records.Count + 1,
                At = Noon.AddSeconds(second),
                Kind = kind,
                Session = session,
                Text = text,
                Lines = lines ?? [],
                Paths = marks ?? [],
            }
        );

    private string[] Spans(double now, bool isGuarded) =>
        [
            .. IncidentStory
                .Of(JournalExcerpt.Of(_records), Noon.AddSeconds(now), isGuarded)
                .Paths.Where(span => span.Family == IpFamily.V4)
                .Select(span =>
                    FormattableString
                        .Invariant(
                            $"{span.Mark.Owner} {(span.From - Noon).TotalSeconds}-{(span.To - Noon).TotalSeconds} {span.WhyNot}"
                        )
                        .TrimEnd()
                ),
        ];
}
