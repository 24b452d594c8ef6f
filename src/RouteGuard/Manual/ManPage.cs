using System.Text;

namespace RouteGuard.Manual;

/// <summary>routeguard(8) in the words of man(7).</summary>
internal static class ManPage
{
    public static string Write(IReadOnlyList<CommandNode> tree, string version)
    {
        var page = new StringBuilder();
        page.Append($".TH ROUTEGUARD 8 \"\" \"RouteGuard {Safe(version)}\"\n");
        page.Append(".SH NAME\nrouteguard \\- guards the routing table while a VPN edits it\n");
        page.Append(".SH SYNOPSIS\n.B routeguard\n.I COMMAND\n[\\fIOPTION\\fR...]\n");
        page.Append($".SH DESCRIPTION\n{Line(tree[0].Command.Description)}\n");
        AppendExamples(page, tree[0]);
        page.Append(".SH OPTIONS\nEvery command takes these.\n");
        AppendOptions(page, tree[0]);
        page.Append(".SH COMMANDS\n");
        var common = tree[0].Options.ToHashSet();
        foreach (var node in tree.Skip(1))
        {
            AppendCommand(page, node with { Options = [.. node.Options.Where(option => !common.Contains(option))] });
        }

        AppendRest(page);
        return page.ToString().TrimEnd();
    }

    private static void AppendCommand(StringBuilder page, CommandNode node)
    {
        var arguments = string.Concat(
            node.Command.Arguments.Select(one =>
                one.Arity.MinimumNumberOfValues == 0
                    ? $" [{one.Name.ToUpperInvariant()}]"
                    : $" {one.Name.ToUpperInvariant()}"
            )
        );
        page.Append($".SS {Safe(node.Path)}{Safe(arguments)}\n{Line(node.Command.Description)}\n");
        foreach (var argument in node.Command.Arguments)
        {
            AppendTerm(page, $"\\fI{Safe(argument.Name.ToUpperInvariant())}\\fR", argument.Description);
        }

        AppendOptions(page, node);
        if (JsonAnswers.OfCommand(node.Path) is { } answer)
        {
            page.Append($".PP\nWith \\-\\-json its answer is as \\fBrouteguard schema {answer.Name}\\fR says.\n");
        }

        if (ManualFacts.ExitOf.TryGetValue(node.Path, out var exit))
        {
            page.Append($".PP\n{Line(exit)}\n");
        }

        AppendExamples(page, node);
    }

    private static void AppendRest(StringBuilder page)
    {
        page.Append(".SH EXIT STATUS\n");
        foreach (var (code, meaning) in ManualFacts.ExitCodes)
        {
            AppendTerm(page, $"\\fB{code}\\fR", meaning);
        }

        page.Append($".PP\n{Line(ManualFacts.Exit)}\n");
        page.Append($".SH OUTPUT\n{Line(ManualFacts.Output)}\n");
        AppendTerms(page, "ENVIRONMENT", ManualFacts.Environment);
        AppendTerms(page, "FILES", ManualFacts.Files);
        page.Append(".SH SEE ALSO\n");
        page.Append(string.Join(",\n", ManualFacts.SeeAlso.Select(one => $"\\fB{Safe(one.Page)}\\fR({one.Section})")));
    }

    private static void AppendTerms(StringBuilder page, string title, IEnumerable<(string, string)> terms)
    {
        page.Append($".SH {title}\n");
        foreach (var (term, text) in terms)
        {
            AppendTerm(page, $"\\fI{Safe(term)}\\fR", text);
        }
    }

    private static void AppendOptions(StringBuilder page, CommandNode node)
    {
        foreach (var option in node.Options)
        {
            var isFlag = Expected.Of(option).Kind == ExpectedKind.Flag;
            var value = isFlag ? string.Empty : $" \\fI{ValueOf(option.Name)}\\fR";
            var names = string.Join(", ", CommandTree.NamesOf(option).Select(name => $"\\fB{Safe(name)}\\fR{value}"));
            AppendTerm(page, names, option.Description);
        }
    }

    private static string ValueOf(string option) => Safe(option.TrimStart('-').ToUpperInvariant());

    private static void AppendExamples(StringBuilder page, CommandNode node)
    {
        foreach (var example in Examples.Of(node.Path))
        {
            page.Append($".PP\n.EX\n    {Safe(example)}\n.EE\n");
        }
    }

    private static void AppendTerm(StringBuilder page, string term, string? text) =>
        page.Append($".TP\n{term}\n{Line(text)}\n");

    // A dot or an apostrophe at the start of a line would be a request.
    private static string Line(string? text) => $"\\&{Safe(text ?? string.Empty)}";

    private static string Safe(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal)
            .Replace("^", "\\(ha", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal);
}
