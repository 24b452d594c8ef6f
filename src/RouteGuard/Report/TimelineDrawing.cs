using System.Globalization;
using System.Text;
using RouteGuard.Core.Routes;

namespace RouteGuard.Report;

/// <summary>A picture of a story: a lane a family for the default path, one for sessions, one for events, an axis.
/// Pure.</summary>
/// <remarks>
/// What is not known is hatched and says so. A span is at least <see cref="SpanWidthMin"/> wide, for a default that was
/// missing for a millisecond must be seen. Colour never stands alone: owners have patterns and words, events numbers.
/// </remarks>
internal sealed class TimelineDrawing
{
    /// <summary>For a wide page, and for a telephone, where the names of the lanes stand above them.</summary>
    public const int Wide = 1080;

    public const int Narrow = 380;

    public const int LaneTop = 18;
    public const int LaneHeight = 30;
    public const int SpanWidthMin = 3;

    /// <summary>Where lanes begin on a wide page.</summary>
    public const int WideLeft = 104;

    private const int NarrowLeft = 6;
    private const int RightMargin = 14;
    private const int LaneGap = 22;
    private const int SessionHeight = 14;
    private const int SessionGap = 6;
    private const int MarkRadius = 9;
    private const int MarkLevelsMax = 5;
    private const int AxisHeight = 30;
    private const double LetterWidth = 6.6;

    /// <summary>At each end of the axis.</summary>
    private const int MarginPart = 40;

    private readonly IncidentStory _story;
    private readonly TimeAxis _axis;
    private readonly string _id;
    private readonly int _width;

    // From the ground up: what is drawn later covers what was drawn before.
    private readonly StringBuilder _grid = new();
    private readonly StringBuilder _bars = new();
    private readonly StringBuilder _lines = new();
    private readonly StringBuilder _words = new();
    private (DateTimeOffset From, DateTimeOffset To)? _frame;

    private TimelineDrawing(IncidentStory story, TimeAxis axis, string id, int width)
    {
        _story = story;
        _axis = axis;
        _id = id;
        _width = width;
    }

    /// <summary>The whole story by the time of day; what is drawn again closer is framed.</summary>
    public static string DrawWhole(IncidentStory story, string id, int width)
    {
        var margin = (story.To - story.From) / MarginPart;
        return new TimelineDrawing(story, Axis(story.From - margin, story.To, width, null), id, width)
        {
            _frame = story.CloseUp,
        }.Draw("The default path of each family over time, with sessions and events");
    }

    /// <summary>The moments around the death, counted from it.</summary>
    public static string? DrawCloseUp(IncidentStory story, string id, int width) =>
        story is { CloseUp: { } closer, Death: { } death }
            ? new TimelineDrawing(story, Axis(closer.From, closer.To, width, death.At), id, width).Draw(
                "The same around the death of the VPN, in time since the death"
            )
            : null;

    private static TimeAxis Axis(DateTimeOffset from, DateTimeOffset to, int width, DateTimeOffset? zero) =>
        new(from, to, width == Wide ? WideLeft : NarrowLeft, width - RightMargin, zero);

    private string Draw(string title)
    {
        var y = (double)LaneTop;
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            DrawLane(family, y);
            y += LaneHeight + LaneGap;
        }

        var bottom = DrawEvents(DrawSessions(y)) + 8;
        DrawAxis(bottom);
        if (_frame is { } frame)
        {
            var (left, right) = (_axis.At(frame.From), _axis.At(frame.To));
            Append(
                _lines,
                $"<rect class=\"frame\" x=\"{left - 2:0.#}\" y=\"2\" width=\"{Math.Max(right - left, 1) + 4:0.#}\" height=\"{bottom - 2:0.#}\"/>"
            );
        }

        var head = FormattableString.Invariant(
            $"<svg viewBox=\"0 0 {_width} {bottom + AxisHeight:0}\" role=\"img\" aria-labelledby=\"{_id}-title {_id}-desc\">"
        );
        var names = $"<title id=\"{_id}-title\">{Html.Text(title)}</title>";
        var says = $"<desc id=\"{_id}-desc\">{Html.Text(Description())}</desc>";
        return $"{head}{names}{says}{Patterns()}{_grid}{_bars}{_lines}{_words}</svg>";
    }

    private string Description()
    {
        var count = $"{Html.Count(_story.Events.Count, "event")}, {Html.Count(_story.Leaks.Count, "leak")}";
        return $"From {Html.DayAndTime(_axis.From)} to {Html.DayAndTime(_axis.To)} UTC. {count}. "
            + "The tables below the picture say the same in words.";
    }

    // Of one document, so the names of the patterns bear that of the drawing.
    private string Patterns()
    {
        string Hatch(string name, int size, string path) =>
            FormattableString.Invariant(
                $"<pattern id=\"{_id}-{name}\" width=\"{size}\" height=\"{size}\" patternUnits=\"userSpaceOnUse\"><path class=\"hatch-{name}\" d=\"{path}\"/></pattern>"
            );
        return "<defs>"
            + Hatch("unknown", 8, "M-2 2L2-2M0 8L8 0M6 10L10 6")
            + Hatch("foreign", 6, "M0 0H6M0 3H6")
            + Hatch("beside", 6, "M0 0H6")
            + Hatch("held", 6, "M0 0V6M3 0V6")
            + Hatch("none", 8, "M0 0L8 8M8 0L0 8")
            + "</defs>";
    }

    private void DrawLane(IpFamily family, double y)
    {
        DrawName($"{OwnerWords.NameOf(family)} default", y, LaneHeight);
        var spans = _story.Paths.Where(span => span.Family == family && IsInView(span.From, span.To));

        // The short ones last, so that a long one beside them does not cover them.
        foreach (var span in spans.OrderByDescending(span => span.To - span.From))
        {
            DrawSpan(span, y);
        }

        foreach (var leak in _story.Leaks.Where(leak => leak.Family == family && IsInView(leak.From, leak.To)))
        {
            DrawLeak(leak, y);
        }
    }

    private void DrawSpan(PathSpan span, double y)
    {
        var (left, right) = (_axis.At(span.From), _axis.At(span.To));
        var width = Math.Max(right - left, SpanWidthMin);
        var name = OwnerWords.ClassOf(span.Mark.Owner);
        var place = FormattableString.Invariant(
            $"x=\"{left:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{LaneHeight}\""
        );
        _bars.Append(
            CultureInfo.InvariantCulture,
            $"<rect class=\"p {name}\" {place}><title>{Html.Text(Say(span))}</title></rect>\n"
        );
        if (PatternOf(name) is { } pattern)
        {
            _bars.Append(CultureInfo.InvariantCulture, $"<rect {place} fill=\"url(#{_id}-{pattern})\"/>\n");
        }

        if (OwnerWords.Labels(span).FirstOrDefault(text => Fits(text, width)) is { } label)
        {
            var middle = left + (width / 2);
            var half = (label.Length * LetterWidth / 2) + 4;
            Append(
                _words,
                $"<rect class=\"plate\" x=\"{middle - half:0.#}\" y=\"{y + 7:0.#}\" width=\"{half * 2:0.#}\" height=\"17\" rx=\"3\"/>"
            );
            Append(_words, $"<text class=\"in\" x=\"{middle:0.#}\" y=\"{y + 19.5:0.#}\">{Html.Text(label)}</text>");
        }
    }

    private static string? PatternOf(string name) =>
        name switch
        {
            "unknown" or "foreign" or "beside" or "held" or "none" => name,
            "refused" => "held",
            _ => null,
        };

    private void DrawLeak(LeakSpan leak, double y)
    {
        var (left, right) = (_axis.At(leak.From), _axis.At(leak.To));
        var width = Math.Max(right - left, SpanWidthMin);
        var lasted = Html.Length(leak.To - leak.From);
        var text = $"leak {lasted}";
        var isAtRight = left + (text.Length * LetterWidth) > _axis.Right;
        Append(
            _bars,
            $"<rect class=\"leak\" x=\"{left:0.#}\" y=\"{y - 4:0.#}\" width=\"{width:0.#}\" height=\"{LaneHeight + 8}\"><title>{Html.Text($"{leak.What} for {lasted}")}</title></rect>"
        );
        Append(
            _words,
            $"<text class=\"leaked\" x=\"{(isAtRight ? left - 6 : left):0.#}\" y=\"{y + LaneHeight + 15:0.#}\"{(isAtRight ? " text-anchor=\"end\"" : "")}>{text}</text>"
        );
    }

    private double DrawSessions(double y)
    {
        var inView = _story.Sessions.Where(session => IsInView(session.From, session.To)).ToArray();
        DrawName("sessions", y, SessionHeight);
        foreach (var session in inView)
        {
            var (left, right) = (_axis.At(session.From), _axis.At(session.To));
            var width = Math.Max(right - left, SpanWidthMin);
            var kind = session.IsClosed ? "life" : "life open";
            Append(
                _bars,
                $"<rect class=\"{kind}\" x=\"{left:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{SessionHeight}\" rx=\"4\"><title>{Html.Text(session.Id)}</title></rect>"
            );
            if (Fits(session.Id, width))
            {
                Append(
                    _words,
                    $"<text class=\"in\" x=\"{left + (width / 2):0.#}\" y=\"{y + 11:0.#}\">{Html.Text(session.Id)}</text>"
                );
            }

            y += SessionHeight + SessionGap;
        }

        return y + (inView.Length == 0 ? SessionHeight : 0) + (_width == Wide ? 8 : 20);
    }

    // Numbered like the table below; those that stand too close go down a step, and what finds no room is the table's.
    private double DrawEvents(double y)
    {
        const int Step = (MarkRadius * 2) + 3;
        DrawName("events", y, MarkRadius * 2);
        List<double> ends = [];
        foreach (var one in _story.Events.Where(one => IsInView(one.Record.At, one.Record.At)))
        {
            var x = _axis.At(one.Record.At);
            var level = ends.FindIndex(end => end < x - MarkRadius - 1);
            if (level < 0 && ends.Count < MarkLevelsMax)
            {
                level = ends.Count;
                ends.Add(0);
            }

            if (level >= 0)
            {
                ends[level] = x + MarkRadius;
                DrawMark(one, x, y + MarkRadius + (level * Step));
            }
        }

        return y + (Math.Max(ends.Count, 1) * Step);
    }

    private void DrawMark(StoryEvent one, double x, double middle)
    {
        var says = $"{one.Number}: {OwnerWords.NameOf(one.Record.Kind)}, {one.Record.Text}";
        Append(
            _lines,
            $"<line class=\"drop\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{LaneTop - 8}\" y2=\"{middle - MarkRadius:0.#}\"/>"
        );
        Append(
            _words,
            $"<circle class=\"mark {OwnerWords.ClassOf(one.Record.Kind)}\" cx=\"{x:0.#}\" cy=\"{middle:0.#}\" r=\"{MarkRadius}\"><title>{Html.Text(says)}</title></circle>"
        );
        Append(_words, $"<text class=\"no\" x=\"{x:0.#}\" y=\"{middle + 3.5:0.#}\">{one.Number}</text>");
    }

    private void DrawAxis(double y)
    {
        Append(
            _grid,
            $"<line class=\"axis\" x1=\"{_axis.Left:0.#}\" x2=\"{_axis.Right:0.#}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>"
        );
        foreach (var (x, text) in _axis.Ticks())
        {
            var half = text.Length * LetterWidth / 2;
            var anchor =
                x - half < 0 ? "start"
                : x + half > _width ? "end"
                : "middle";
            Append(
                _grid,
                $"<line class=\"grid\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{LaneTop - 8}\" y2=\"{y + 4:0.#}\"/>"
            );
            Append(
                _grid,
                $"<text class=\"tick\" text-anchor=\"{anchor}\" x=\"{x:0.#}\" y=\"{y + 18:0.#}\">{text}</text>"
            );
        }
    }

    private void DrawName(string name, double y, double height)
    {
        var (x, line) = _width == Wide ? (4, y + (height / 2) + 4) : (NarrowLeft, y - 5);
        Append(_words, $"<text class=\"lane\" x=\"{x}\" y=\"{line:0.#}\">{name}</text>");
    }

    private static string Say(PathSpan span)
    {
        var when = $"from {Html.Time(span.From)} for {Html.Length(span.To - span.From)}";
        var how = span.WhyNot.Length > 0 ? span.WhyNot : span.Mark.Route;
        return $"{OwnerWords.NameOf(span.Family)}: {OwnerWords.NameOf(span.Mark.Owner)} {when}. {how}";
    }

    private bool IsInView(DateTimeOffset from, DateTimeOffset to) => to >= _axis.From && from <= _axis.To;

    private static bool Fits(string text, double width) => text.Length > 0 && (text.Length * LetterWidth) + 12 < width;

    private static void Append(StringBuilder into, FormattableString text) =>
        into.Append(FormattableString.Invariant(text)).Append('\n');
}
