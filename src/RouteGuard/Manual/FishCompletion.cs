using System.CommandLine;
using System.Text;

namespace RouteGuard.Manual;

/// <summary>The script for fish.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<CommandNode> tree)
    {
        var script = new StringBuilder(Head(tree));
        foreach (var node in tree)
        {
            foreach (var child in node.Children)
            {
                Append(script, At(node, 0), $"-a {child.Name}", child.Description);
            }

            foreach (var option in node.Options)
            {
                Append(script, At(node), $"{Names(option)}{Offer(Expected.Of(option))}", option.Description);
            }

            foreach (var place in Place.Of([node]).Where(place => place.Option.Length == 0))
            {
                var offer = Offer(place.Expected);
                if (place.Expected.Kind != ExpectedKind.Free)
                {
                    Append(script, place.Repeats ? At(node) : At(node, place.Position), offer.TrimStart(), null);
                }
            }
        }

        return script.ToString().TrimEnd();
    }

    private static string Head(IReadOnlyList<CommandNode> tree)
    {
        var valued = Place.Of(tree).Where(place => place.Option.Length > 0).Select(ShellWords.KeyOf);
        return $$"""
            # fish completion of routeguard; made by: routeguard completion fish
            function __routeguard_state
                set -l where ''
                set -l position 0
                set -l is_value 0
                for word in (commandline -opc)[2..-1]
                    if test $is_value -eq 1
                        set is_value 0
                        continue
                    end
                    switch "$where $word"
                        case {{All(ShellWords.CommandKeys(tree))}}
                            set where (string trim -- "$where $word")
                        case {{All(valued)}}
                            set is_value 1
                        case '* -*'
                        case '*'
                            set position (math $position + 1)
                    end
                end
                echo $where
                echo $position
            end
            function __routeguard_at
                set -l state (__routeguard_state)
                test "$state[1]" = "$argv[1]"; or return 1
                test (count $argv) -lt 2; or test $state[2] -eq $argv[2]
            end
            function __routeguard_ids
                command routeguard complete-ids 2>/dev/null
            end
            complete -c routeguard -f

            """;
    }

    private static string At(CommandNode node) => $"__routeguard_at \"{node.Path}\"";

    private static string At(CommandNode node, int position) => $"{At(node)} {position}";

    private static void Append(StringBuilder script, string condition, string what, string? description)
    {
        var text = description is null ? string.Empty : $" -d {Quoted(description)}";
        script.Append($"complete -c routeguard -n '{condition}' {what}{text}\n");
    }

    private static string Names(Option option) =>
        string.Join(
            ' ',
            CommandTree
                .NamesOf(option)
                .Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}")
        );

    private static string Offer(Expected expected) =>
        expected.Kind switch
        {
            ExpectedKind.Flag => string.Empty,
            ExpectedKind.Words => $" -x -a {Quoted(string.Join(' ', expected.Words))}",
            ExpectedKind.WordsOrFile => $" -r -F -a {Quoted(string.Join(' ', expected.Words))}",
            ExpectedKind.Session => " -x -a '(__routeguard_ids)'",
            ExpectedKind.File => " -r -F",
            ExpectedKind.Folder => " -x -a '(__fish_complete_directories)'",
            ExpectedKind.Interface => " -x -a '(__fish_print_interfaces)'",
            ExpectedKind.Program => " -x -a '(__fish_complete_command)'",
            _ => " -x",
        };

    private static string All(IEnumerable<string> keys) => string.Join(' ', keys.Select(key => Quoted(key)));

    private static string Quoted(string text) =>
        $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";
}
