using RouteGuard.Core.Routes;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Demo;

/// <summary>What the demo says, on 80 columns wherever it is read, and the tables with what changed marked.</summary>
internal sealed class DemoPage(TextWriter output, int acts)
{
    private const int Columns = 80;

    private const int Indent = 2;

    private int _act;
    private RouteTable? _shown;

    /// <summary>Begins the next act.</summary>
    public void Act(string title)
    {
        output.WriteLine();
        output.WriteLine($"Act {++_act} of {acts}. {title}");
    }

    /// <summary>A sentence or two, broken between words.</summary>
    public void Say(string text, int indent = Indent)
    {
        var line = new string(' ', indent);
        var isEmpty = true;
        foreach (var word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Columns)
            {
                output.WriteLine(line);
                line = new string(' ', indent);
                isEmpty = true;
            }

            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }

        output.WriteLine(line);
    }

    /// <summary>The table as it is now: + is new since the last one, - is gone, the rest is as it was.</summary>
    public void Show(RouteTable table)
    {
        var before = Lines(_shown ?? table, ofKernelToo: false);
        var now = Lines(table, ofKernelToo: false);
        var gone = before.Except(now, StringComparer.Ordinal).Select(line => $"   - {line}");
        var there = now.Select(line => $"   {(before.Contains(line, StringComparer.Ordinal) ? ' ' : '+')} {line}");
        output.WriteLine();
        foreach (var line in gone.Concat(there))
        {
            output.WriteLine(line);
        }

        _shown = table;
    }

    /// <summary>The main table as a person reads it, without groups and link-local networks.</summary>
    /// <param name="table">Which.</param>
    /// <param name="ofKernelToo">With the networks of the machine's own addresses.</param>
    public static IReadOnlyList<string> Lines(RouteTable table, bool ofKernelToo) =>
        [
            .. table
                .Routes.Where(route =>
                    route.Table == Route.TableMain
                    && (ofKernelToo || route.Attributes.Protocol != RouteProtocol.Kernel)
                    && !route.Destination.Address.IsLinkLocal
                    && !route.Destination.Address.IsMulticast
                )
                .Select(route => RouteText.Print(route, table.Names)),
        ];
}
