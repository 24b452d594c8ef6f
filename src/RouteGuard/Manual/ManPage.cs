using System.Globalization;
using System.Text;

namespace RouteGuard.Manual;

/// <summary>routeguard(8) in the words of man(7).</summary>
internal static class ManPage
{
    private const string Rest = """
        .SH EXIT STATUS
        0 done or nothing to do; 1 failed; 2 usage; 3 not permitted; 4 no daemon and none needed to be;
        5 partly restored; 6 contested. \fBrun\fR ends with the code of its command.
        .SH OUTPUT
        With \fB\-\-json\fR every reading command answers in JSON whose members are only ever added to;
        \fBwatch\fR prints one object a line. Colour is used on a terminal unless NO_COLOR is set. What came from
        a file, a program or the kernel is printed with control characters made visible.
        .SH ENVIRONMENT
        ROUTEGUARD_STATE_DIR, ROUTEGUARD_RUNTIME_DIR: as the options, but not for root, whose environment may have come
        along through sudo; NO_COLOR; COLUMNS.
        .SH FILES
        /etc/routeguard/routeguard.json (macOS: /Library/Application Support/RouteGuard/config.json): the daemon's
        configuration, which is optional. It is read again on SIGHUP.
        .SH SEE ALSO
        ip-route(8), ip-rule(8), route(8), rtnetlink(7)
        """;

    public static string Write(IReadOnlyList<CommandNode> tree, string version)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $".TH ROUTEGUARD 8 \"\" \"RouteGuard {Safe(version)}\"\n");
        page.Append(".SH NAME\nrouteguard \\- guards the routing table while a VPN edits it\n");
        page.Append(".SH SYNOPSIS\n.B routeguard\n.I COMMAND\n[\\fIOPTION\\fR...]\n");
        page.Append(CultureInfo.InvariantCulture, $".SH DESCRIPTION\n{Line(tree[0].Command.Description)}\n");
        page.Append(".SH OPTIONS OF EVERY COMMAND\n");
        AppendOptions(page, tree[0]);
        page.Append(".SH COMMANDS\n");
        var common = tree[0].Options.ToHashSet();
        foreach (var node in tree.Skip(1))
        {
            var arguments = string.Concat(node.Command.Arguments.Select(one => $" {one.Name.ToUpperInvariant()}"));
            page.Append(CultureInfo.InvariantCulture, $".SS {Safe(node.Path)}{Safe(arguments)}\n");
            page.Append(CultureInfo.InvariantCulture, $"{Line(node.Command.Description)}\n");
            foreach (var argument in node.Command.Arguments)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $".TP\n.I {Safe(argument.Name.ToUpperInvariant())}\n{Line(argument.Description)}\n"
                );
            }

            AppendOptions(page, node with { Options = [.. node.Options.Where(option => !common.Contains(option))] });
            foreach (var example in Examples.Of(node.Path))
            {
                page.Append(CultureInfo.InvariantCulture, $".PP\n.EX\n    {Safe(example)}\n.EE\n");
            }
        }

        return page.Append(Rest).ToString();
    }

    private static void AppendOptions(StringBuilder page, CommandNode node)
    {
        foreach (var option in node.Options)
        {
            var names = string.Join(", ", CommandTree.NamesOf(option).Select(Safe));
            page.Append(CultureInfo.InvariantCulture, $".TP\n.B {names}\n{Line(option.Description)}\n");
        }
    }

    // A dot or an apostrophe at the start of a line would be a request.
    private static string Line(string? text) => $"\\&{Safe(text ?? "")}";

    private static string Safe(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
