namespace RouteGuard.Manual;

/// <summary>The script for zsh, sourced or found in its function path.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<CommandNode> tree)
    {
        var places = Place.Of(tree);
        var options = places.Where(place => place.Option.Length > 0).ToArray();
        var arguments = places.Where(place => place.Option.Length == 0).ToArray();
        return $$"""
            #compdef routeguard
            # zsh completion of routeguard; made by: routeguard completion zsh
            _routeguard_ids() {
                local -a ids
                ids=(${(f)"$(command routeguard complete-ids 2>/dev/null)"})
                found+=("${lead}${(@)^ids/$'\t'/:}")
            }
            _routeguard() {
                local where="" option="" lead="" word cur=$words[CURRENT]
                local -i position=0
                local -a found
                for word in "${(@)words[2,CURRENT-1]}"; do
                    if [[ -n $option ]]; then
                        option=""
                        continue
                    fi
                    case "$where $word" in
                        {{ShellWords.Any(ShellWords.CommandKeys(tree))}}) where="${where:+$where }$word" ;;
                        {{ShellWords.Any(options.Select(ShellWords.KeyOf))}}) option=$word ;;
                        *' -'*) ;;
                        *) position+=1 ;;
                    esac
                done
                if [[ -z $option && $cur == --*=* ]]; then
                    option=${cur%%=*}
                    lead="$option="
                fi
                if [[ -n $option ]]; then
                    case "$where $option" in
            {{Cases(ShellWords.Grouped(options).Select(group => (ShellWords.Any(group.Keys), Offer(group.Expected))))}}
                    esac
                    (( $#found )) && _describe value found
                    return
                fi
                if [[ $cur != -* ]]; then
                    case "$where $position" in
            {{Cases(Words(tree, arguments))}}
                        *) cur=- ;;
                    esac
                fi
                if [[ $cur == -* ]]; then
                    case $where in
            {{Cases(tree.Select(node => ($"'{node.Path}'", $"found=({Described(node)})")))}}
                    esac
                fi
                (( $#found )) && _describe routeguard found
            }
            if [[ $funcstack[1] == _routeguard ]]; then _routeguard "$@"; else compdef _routeguard routeguard; fi
            """;
    }

    private static IEnumerable<(string, string)> Words(IReadOnlyList<CommandNode> tree, Place[] arguments) =>
        tree.Where(node => node.Children.Count > 0)
            .Select(node =>
                (
                    $"'{node.Path} 0'",
                    $"found=({string.Join(' ', node.Children.Select(one => ShellWords.Quoted($"{one.Name}:{one.Description}")))})"
                )
            )
            .Concat(arguments.Select(place => (ShellWords.PositionOf(place), Offer(place.Expected))));

    private static string Described(CommandNode node) =>
        string.Join(
            ' ',
            node.Options.SelectMany(option =>
                CommandTree.NamesOf(option).Select(name => ShellWords.Quoted($"{name}:{option.Description}"))
            )
        );

    private static string Offer(Expected expected) =>
        expected.Kind switch
        {
            ExpectedKind.Words => Found(expected),
            ExpectedKind.WordsOrFile => $"{Found(expected)}; _files",
            ExpectedKind.Session => "_routeguard_ids",
            ExpectedKind.File => "[[ -n $lead ]] && compset -P '*='; _files",
            ExpectedKind.Folder => "[[ -n $lead ]] && compset -P '*='; _files -/",
            ExpectedKind.Interface => "[[ -n $lead ]] && compset -P '*='; _net_interfaces",
            ExpectedKind.Program => "_command_names -e || _files",
            _ => ":",
        };

    private static string Found(Expected expected) =>
        $"found=({string.Join(' ', expected.Words.Select(word => $"\"${{lead}}{word}\""))})";

    private static string Cases(IEnumerable<(string Pattern, string Act)> cases) =>
        string.Join('\n', cases.Select(one => $"            {one.Pattern}) {one.Act} ;;"));
}
