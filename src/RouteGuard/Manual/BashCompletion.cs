namespace RouteGuard.Manual;

/// <summary>The script for bash, of any age that is still shipped (3.2 on a Mac).</summary>
/// <remarks>
/// bash cuts a word at "=", so a value may come as three words. It expands what compgen -W is given: nothing but plain
/// words may come from outside.
/// </remarks>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<CommandNode> tree)
    {
        var places = Place.Of(tree);
        var options = places.Where(place => place.Option.Length > 0).ToArray();
        var arguments = places.Where(place => place.Option.Length == 0).ToArray();
        return $$"""
            # bash completion of routeguard; made by: routeguard completion bash
            _routeguard_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
            _routeguard_files() {
                local name
                while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$cur")
                compopt -o filenames 2>/dev/null
            }
            _routeguard_ids() { command routeguard complete-ids 2>/dev/null | cut -f 1; }
            _routeguard_devices() {
                { ls /sys/class/net || ifconfig -l; } 2>/dev/null | tr ' ' '\n' | grep -x '[[:alnum:]_.:@-]*'
            }
            _routeguard() {
                local cur=${COMP_WORDS[COMP_CWORD]} where= option= word at position=0 offers=
                COMPREPLY=()
                for ((at = 1; at < COMP_CWORD; at++)); do
                    word=${COMP_WORDS[at]}
                    if [[ $word == '=' ]]; then
                        continue
                    elif [[ -n $option ]]; then
                        option=
                        continue
                    fi
                    case "$where $word" in
                        {{ShellWords.Any(ShellWords.CommandKeys(tree))}}) where="${where:+$where }$word" ;;
                        {{ShellWords.Any(options.Select(ShellWords.KeyOf))}}) option=$word ;;
                        *' -'*) ;;
                        *) position=$((position + 1)) ;;
                    esac
                done
                [[ $cur == '=' ]] && cur=
                if [[ -n $option ]]; then
                    case "$where $option" in
            {{Cases(ShellWords.Grouped(options).Select(group => (ShellWords.Any(group.Keys), Offer(group.Expected))))}}
                    esac
                    return 0
                fi
                case $where in
            {{Cases(tree.Select(node => ($"'{node.Path}'", $"offers='{Join(ShellWords.OptionsOf(node))}'")))}}
                esac
                if [[ $cur == -* ]]; then
                    _routeguard_words "$offers"
                    return 0
                fi
                case "$where $position" in
            {{Cases(Words(tree, arguments))}}
                    *) _routeguard_words "$offers" ;;
                esac
                return 0
            }
            complete -F _routeguard routeguard
            """;
    }

    private static IEnumerable<(string, string)> Words(IReadOnlyList<CommandNode> tree, Place[] arguments) =>
        tree.Where(node => node.Children.Count > 0)
            .Select(node => ($"'{node.Path} 0'", $"_routeguard_words '{Join(node.Children.Select(one => one.Name))}'"))
            .Concat(arguments.Select(place => (ShellWords.PositionOf(place), Offer(place.Expected))));

    private static string Join(IEnumerable<string> words) => string.Join(' ', words);

    private static string Offer(Expected expected) =>
        expected.Kind switch
        {
            ExpectedKind.Words => $"_routeguard_words '{string.Join(' ', expected.Words)}'",
            ExpectedKind.WordsOrFile => $"_routeguard_words '{string.Join(' ', expected.Words)}'; _routeguard_files -f",
            ExpectedKind.Session => "_routeguard_words \"$(_routeguard_ids)\"",
            ExpectedKind.File => "_routeguard_files -f",
            ExpectedKind.Folder => "_routeguard_files -d",
            ExpectedKind.Interface => "_routeguard_words \"$(_routeguard_devices)\"",
            ExpectedKind.Program => "_routeguard_files -c",
            _ => ":",
        };

    private static string Cases(IEnumerable<(string Pattern, string Act)> cases) =>
        string.Join('\n', cases.Select(one => $"            {one.Pattern}) {one.Act} ;;"));
}
