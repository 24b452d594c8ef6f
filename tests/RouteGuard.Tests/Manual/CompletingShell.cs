using System.Runtime.Versioning;
using RouteGuard.Commands;
using RouteGuard.Manual;

namespace RouteGuard.Tests.Manual;

/// <summary>A shell with our completion loaded, which is asked what it offers for a line.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed class CompletingShell : IDisposable
{
    /// <summary>What stands for files: one lies in the folder where the shell completes.</summary>
    private const string Files = "<files>";
    private const string File = "here.json";

    // As readline would call it: the words of the line, and the number of the last one.
    private const string BashDriver = """
        source "$1"
        shift
        complete -p routeguard >/dev/null || exit 9
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _routeguard
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    // Inside zle these functions talk to the line editor; here they say what they were given.
    private const string ZshDriver = """
        compdef() { [[ "$*" == '_routeguard routeguard' ]] && registered=1 }
        source $1
        shift
        (( registered )) || exit 9
        _describe() { print -rl -- ${${(P)@[-1]}%%:*} }
        _files() { print -r -- '<files>' }
        _net_interfaces() { print -r -- lo }
        _command_names() { print -r -- '<programs>' }
        compset() { return 0 }
        words=("$@")
        CURRENT=$#words
        _routeguard
        """;

    private const string FishDriver = """
        source $argv[1]
        complete -C $argv[2]
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-shell-");
    private readonly string _name;
    private readonly string _program;

    public CompletingShell(string name)
    {
        _name = name;
        _program = Shell.Find(name);
        var line = new CommandLine(ThisMachine.Surroundings(TextWriter.Null, TextWriter.Null));
        System.IO.File.WriteAllText(Script, Completion.Of(name, CommandTree.Of(line.MakeRoot())) + "\n");
        System.IO.File.WriteAllText(
            Driver,
            name switch
            {
                "bash" => BashDriver,
                "zsh" => ZshDriver,
                _ => FishDriver,
            }
        );
        Directory.CreateDirectory(Folder);
        System.IO.File.WriteAllText(Path.Combine(Folder, File), string.Empty);
        SetProgram();
    }

    /// <summary>The script, loaded by the shell.</summary>
    public string Script => Path.Combine(_folder.FullName, "completion");

    /// <summary>Where the daemon is that knows of sessions.</summary>
    public string RuntimeDirectory
    {
        get;
        set
        {
            field = value;
            SetProgram();
        }
    } = "/nowhere";

    private string Driver => Path.Combine(_folder.FullName, "driver");

    private string Folder => Path.Combine(_folder.FullName, "folder");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>What is offered, sorted, a space between.</summary>
    public string Offers(string line)
    {
        string[] words = _name switch
        {
            "bash" => [Driver, Script, .. WordsOfBash(line)],
            "zsh" => ["-f", Driver, Script, .. line.Split(' ')],
            _ => ["--no-config", Driver, Script, line],
        };
        var (code, output, error) = Shell.Run(
            _program,
            words,
            Folder,
            new Dictionary<string, string>
            {
                ["PATH"] = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
                ["HOME"] = Folder,
            }
        );
        Assert.Equal(string.Empty, error);
        Assert.NotEqual(9, code);
        return string.Join(
            ' ',
            output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(offer => offer.Split('\t')[0])
                .Select(offer => offer == File ? Files : offer)
                .Where(offer => _name != "zsh" || IsBegunBy(line, offer))
                .Distinct()
                .Order(StringComparer.Ordinal)
        );
    }

    // By an option: root's environment names no directories.
    private void SetProgram()
    {
        var program = Path.Combine(_folder.FullName, "routeguard");
        var ours = Path.Combine(AppContext.BaseDirectory, "routeguard.dll");
        System.IO.File.WriteAllText(
            program,
            $"#!/bin/sh\nexec dotnet '{ours}' \"$@\" --runtime-dir '{RuntimeDirectory}'\n"
        );
        System.IO.File.SetUnixFileMode(
            program,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
    }

    // zsh's line editor sifts; the two others do it themselves.
    private static bool IsBegunBy(string line, string offer) =>
        (offer == Files ? File : offer).StartsWith(line[(line.LastIndexOf(' ') + 1)..], StringComparison.Ordinal);

    // Its word breaks: "=" is a word of its own.
    private static IEnumerable<string> WordsOfBash(string line) =>
        line.Split(' ')
            .SelectMany(word =>
                word.IndexOf('=', StringComparison.Ordinal) is var at and > 0
                    ? new[] { word[..at], "=", word[(at + 1)..] }.Where((part, number) => number < 2 || part.Length > 0)
                    : [word]
            );
}
