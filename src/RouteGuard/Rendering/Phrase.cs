using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>Words of one line, each with its colour. Made by <see cref="Paint"/>.</summary>
internal sealed class Phrase : Renderable
{
    private readonly IReadOnlyList<(string Text, Style Style)> _parts;

    public Phrase(string text, Style style)
        : this([(Paint.Foreign(text), style)]) { }

    private Phrase(IReadOnlyList<(string Text, Style Style)> parts) => _parts = parts;

    public static Phrase Empty { get; } = new([]);

    public bool IsEmpty => _parts.All(part => part.Text.Length == 0);

    public static implicit operator Phrase(string text) => Paint.Say(text);

    public static Phrase operator +(Phrase one, Phrase next) => new([.. one._parts, .. next._parts]);

    public static Phrase Join(string between, IEnumerable<Phrase> phrases) =>
        phrases.Aggregate(Empty, (all, next) => all.IsEmpty ? next : all + between + next);

    /// <summary>How many columns of a screen it takes.</summary>
    public int WidthOn(RenderOptions options) => Segment.CellCount(On(options));

    /// <summary>As one line, whatever its length.</summary>
    public IEnumerable<Segment> On(RenderOptions options) =>
        _parts.Select(part => new Segment(options.Unicode ? part.Text : Paint.Ascii(part.Text), part.Style));

    protected override Measurement Measure(RenderOptions options, int maxWidth) =>
        ((IRenderable)Wrapped(options)).Measure(options, maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        IsEmpty ? [Segment.Empty]
        : options.Capabilities.Interactive ? ((IRenderable)Wrapped(options)).Render(options, maxWidth)
        : On(options);

    private Paragraph Wrapped(RenderOptions options)
    {
        var wrapped = new Paragraph();
        foreach (var segment in On(options))
        {
            wrapped.Append(segment.Text, segment.Style);
        }

        return wrapped;
    }
}
