using System.Text;

namespace RouteGuard.Manual;

/// <summary>Completion scripts. They are static: a shell that completes asks nobody.</summary>
internal static class Completion
{
    public static string Of(string shell, IReadOnlyList<CommandNode> tree) =>
        shell switch
        {
            "bash" => Bash(tree),
            "zsh" => Zsh(tree),
            _ => Fish(tree),
        };

    private static string Bash(IReadOnlyList<CommandNode> tree) =>
        $$"""
            # bash completion of routeguard; made by: routeguard completion bash
            _routeguard() {
                local cur=${COMP_WORDS[COMP_CWORD]} path="" word
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "${path:+$path }$word" in
                        {{Paths(tree)}}) path="${path:+$path }$word" ;;
                    esac
                done
                case "$path" in
            {{Cases(tree, node => $"COMPREPLY=($(compgen -W \"{string.Join(' ', Words(node))}\" -- \"$cur\"))")}}
                esac
                [[ ${#COMPREPLY[@]} -eq 0 && $cur != -* ]] && COMPREPLY=($(compgen -f -- "$cur"))
                return 0
            }
            complete -F _routeguard routeguard
            """;

    private static string Zsh(IReadOnlyList<CommandNode> tree) =>
        $$"""
            #compdef routeguard
            # zsh completion of routeguard; made by: routeguard completion zsh
            _routeguard() {
                local path_="" word
                local -a found
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "${path_:+$path_ }$word" in
                        {{Paths(tree)}}) path_="${path_:+$path_ }$word" ;;
                    esac
                done
                case "$path_" in
            {{Cases(tree, node => $"found=({string.Join(' ', Described(node))})")}}
                esac
                _describe routeguard found || _files
            }
            if [[ $funcstack[1] == _routeguard ]]; then _routeguard "$@"; else compdef _routeguard routeguard; fi
            """;

    private static string Fish(IReadOnlyList<CommandNode> tree)
    {
        var script = new StringBuilder("# fish completion of routeguard; made by: routeguard completion fish\n");
        foreach (var node in tree)
        {
            var condition =
                node.Path.Length == 0
                    ? "__fish_use_subcommand"
                    : string.Join("; and ", node.Path.Split(' ').Select(word => $"__fish_seen_subcommand_from {word}"));
            foreach (var child in node.Children)
            {
                script.Append(
                    $"complete -c routeguard -f -n '{condition}' -a {child.Name} -d {Quoted(child.Description)}\n"
                );
            }

            foreach (var option in node.Options)
            {
                var names = CommandTree
                    .NamesOf(option)
                    .Select(name =>
                        name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"
                    );
                script.Append(
                    $"complete -c routeguard -n '{condition}' {string.Join(' ', names)} -d {Quoted(option.Description)}\n"
                );
            }
        }

        return script.ToString().TrimEnd();
    }

    private static string Paths(IReadOnlyList<CommandNode> tree) =>
        string.Join('|', tree.Where(node => node.Path.Length > 0).Select(node => $"\"{node.Path}\""));

    private static string Cases(IReadOnlyList<CommandNode> tree, Func<CommandNode, string> act) =>
        string.Join('\n', tree.Select(node => $"        \"{node.Path}\") {act(node)} ;;"));

    private static IEnumerable<string> Words(CommandNode node) =>
        node.Children.Select(child => child.Name).Concat(node.Options.SelectMany(CommandTree.NamesOf));

    private static IEnumerable<string> Described(CommandNode node) =>
        node
            .Children.Select(child => Quoted($"{child.Name}:{child.Description}"))
            .Concat(
                node.Options.SelectMany(option =>
                    CommandTree.NamesOf(option).Select(name => Quoted($"{name}:{option.Description}"))
                )
            );

    private static string Quoted(string? text) => $"'{(text ?? "").Replace("'", "’", StringComparison.Ordinal)}'";
}
