using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>Prints on a screen: the one place where anything becomes bytes for a terminal.</summary>
/// <remarks>
/// Everything that Spectre.Console would find out for itself (terminal, colours, width, what continuous integration
/// says) is told by the <see cref="Screen"/>. Each piece passes <see cref="Guarded"/> last.
/// </remarks>
internal static class Sheet
{
    /// <summary>As text, as the screen is to get it, and with a line feed at its end.</summary>
    public static string Print(IRenderable shown, Screen screen)
    {
        using var text = new StringWriter();
        var page = new Rows(shown);
        if (screen.IsTerminal)
        {
            On(screen, text).Write(page);
        }
        else
        {
            foreach (var segment in Segments(page, screen))
            {
                text.Write(segment.Text);
            }
        }

        return text.ToString();
    }

    /// <summary>A console for what moves: a live display, or a progress.</summary>
    public static IAnsiConsole On(Screen screen, TextWriter writer)
    {
        var console = AnsiConsole.Create(
            new()
            {
                Ansi = screen.MovesCursor ? AnsiSupport.Yes : AnsiSupport.No,
                ColorSystem = screen.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = screen.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
                Out = new Paper(writer, screen),
                Enrichment = new() { UseDefaultEnrichers = false },
                EnvironmentVariables = [],
            }
        );
        console.Profile.Capabilities = CapabilitiesOf(screen);
        console.Pipeline.Attach(new Guarding(screen));
        return console;
    }

    private static IEnumerable<Segment> Segments(IRenderable shown, Screen screen) =>
        ((IRenderable)new Guarded(shown, screen)).Render(
            new RenderOptions(CapabilitiesOf(screen), new Size(screen.Width, screen.Height)),
            screen.Width
        );

    private static Capabilities CapabilitiesOf(Screen screen) =>
        new()
        {
            Ansi = screen.MovesCursor,
            ColorSystem = screen.HasColor ? ColorSystem.Standard : ColorSystem.NoColors,
            Interactive = screen.IsTerminal,
            Unicode = screen.IsUnicode,
            Links = false,
            AlternateBuffer = false,
        };

    /// <summary>What a console writes on, as wide as it was said to be.</summary>
    private sealed class Paper(TextWriter writer, Screen screen) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => screen.IsTerminal;

        public int Width => screen.Width;

        public int Height => screen.Height;

        // The encoding is the writer's own.
        public void SetEncoding(Encoding encoding) { }
    }

    /// <summary>Puts the guard around whatever a console is about to write, its own moves included.</summary>
    private sealed class Guarding(Screen screen) : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
            renderables.Select(shown => new Guarded(shown, screen));
    }

    /// <summary>Lets no colour through where there is none, and nothing that a terminal would obey but the console's
    /// own moves.</summary>
    private sealed class Guarded(IRenderable shown, Screen screen) : Renderable
    {
        protected override Measurement Measure(RenderOptions options, int maxWidth) => shown.Measure(options, maxWidth);

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            shown.Render(options, maxWidth).Where(segment => !segment.IsControlCode || screen.MovesCursor).Select(Safe);

        private Segment Safe(Segment segment) =>
            segment.IsControlCode || segment.IsLineBreak
                ? segment
                : new(
                    Paint.Visible(segment.Text, keepsLines: true, isAscii: !screen.IsUnicode),
                    screen.HasColor ? segment.Style : Style.Plain
                );
    }
}
