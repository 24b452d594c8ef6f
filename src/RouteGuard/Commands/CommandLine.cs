using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Manual;
using RouteGuard.Rendering;
using Spectre.Console.Rendering;

namespace RouteGuard.Commands;

/// <summary>The command line: which commands there are, and how each ends in an exit code and a sentence.</summary>
internal sealed class CommandLine(Surroundings surroundings)
{
    private readonly Option<string?> _stateDirectory = new("--state-dir")
    {
        Description = "Where sessions and baselines are kept.",
        Recursive = true,
    };

    private readonly Option<string?> _runtimeDirectory = new("--runtime-dir")
    {
        Description = "Where the daemon's socket is.",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Answer in JSON.", Recursive = true };

    public TextWriter Out => surroundings.Out;

    public Surroundings Surroundings => surroundings;

    /// <summary>Runs one command.</summary>
    /// <returns>An exit code of <see cref="ExitCode"/>, or that of the program that <c>run</c> ran.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken stop = default)
    {
        var parsed = MakeRoot().Parse(arguments);

        // Help is asked for without the arguments that the command itself needs.
        if (parsed.Action is ParseErrorAction error)
        {
            UsageError.Write(parsed, error, surroundings.Error);
            return ExitCode.Usage;
        }

        // No timeout of its own: the daemon ends when its last step is done.
        var invocation = new InvocationConfiguration
        {
            Output = surroundings.Out,
            Error = surroundings.Error,
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        return await parsed.InvokeAsync(invocation, stop);
    }

    /// <summary>All commands; the completion and the man page are made from the same.</summary>
    public RootCommand MakeRoot()
    {
        var root = new RootCommand("Guards the routing table while a VPN edits it, and puts it back when the VPN dies.")
        {
            _stateDirectory,
            _runtimeDirectory,
            _json,
            DaemonCommand.Make(this),
            RunCommand.Make(this),
            RunCommand.MakeHeld(),
            SessionCommands.Make(this),
            SnapshotCommand.Make(this),
            PlanCommand.Make(this),
            RestoreCommand.Make(this),
            StatusCommands.MakeStatus(this),
            RoutesCommand.Make(this),
            WhyCommand.Make(this),
            DiffCommand.Make(this),
            StoryCommands.MakeWatch(this),
            DoctorCommand.Make(this),
            ReportCommand.Make(this),
            StoryCommands.MakeBlame(this),
            HistoryCommand.Make(this),
            DemoCommand.Make(this),
            DemoCommand.MakeInside(this),
            DemoCommand.MakeVpn(this),
            VersionCommand.Make(this),
            ManualCommands.MakeCompletion(this),
            ManualCommands.MakeMan(this),
            ManualCommands.MakeSchema(this),
            CompleteIdsCommand.Make(this),
        };
        ExampleHelp.AddTo(root);
        JsonAnswers.RefuseElsewhere(root, _json);
        return root;
    }

    /// <summary>Wraps a command: every refusal becomes one sentence on the error stream and an exit code.</summary>
    public void Handle(Command command, Func<ParseResult, CancellationToken, Task<int>> run) =>
        command.SetAction(
            async (parsed, stop) =>
            {
                try
                {
                    return await run(parsed, stop);
                }
                catch (CommandException refused)
                {
                    return Refuse(refused.Message, refused.Code);
                }
                catch (GuardException refused)
                {
                    return Refuse(
                        refused.Message,
                        refused.Refusal == GuardRefusal.NotPermitted ? ExitCode.NotPermitted : ExitCode.Failed
                    );
                }
                catch (StateStoreException refused)
                {
                    return Refuse(
                        refused.Message,
                        IsOfRights(refused.InnerException) ? ExitCode.NotPermitted : ExitCode.Failed
                    );
                }
                catch (KernelRoutesException refused)
                {
                    const int EPERM = 1;
                    return Refuse(refused.Message, refused.Errno == EPERM ? ExitCode.NotPermitted : ExitCode.Failed);
                }
                catch (OperationCanceledException)
                {
                    return ExitCode.Failed;
                }
            }
        );

    private static bool IsOfRights(Exception? disk)
    {
        const int EACCES = 13;
        const int EPERM = 1;
        return disk is UnauthorizedAccessException or IOException { HResult: EACCES or EPERM };
    }

    public Directories DirectoriesOf(ParseResult parsed) =>
        Directories.Resolve(parsed.GetValue(_stateDirectory), parsed.GetValue(_runtimeDirectory));

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Prints a value as JSON or as text.</summary>
    public void Print<T>(ParseResult parsed, T value, JsonTypeInfo<T> type, Func<T, IRenderable> text)
    {
        if (IsJson(parsed))
        {
            Out.WriteLine(JsonSerializer.Serialize(value, type));
        }
        else
        {
            Write(text(value));
        }
    }

    /// <summary>Writes for the screen, in one piece.</summary>
    public void Write(IRenderable shown) => Out.Write(Sheet.Print(shown, Screen));

    /// <summary>Writes a sentence for the screen.</summary>
    public void Write(string sentence) => Write(Paint.Say(sentence));

    /// <summary>Writes a question; the answer is typed behind it.</summary>
    public void Prompt(Phrase question)
    {
        Out.Write(Sheet.Print(question, Screen).TrimEnd('\n') + " ");
        Out.Flush();
    }

    /// <summary>Writes beside the answer, where a refusal goes.</summary>
    public void WriteError(IRenderable shown) => surroundings.Error.Write(Sheet.Print(shown, surroundings.ErrorScreen));

    public Screen Screen => surroundings.Screen;

    /// <summary>Prints a report, and what failed on the error stream too.</summary>
    /// <returns>The report's exit code.</returns>
    public int PrintReport(ParseResult parsed, ReportView report, Func<ReportView, IRenderable>? text = null)
    {
        Print(parsed, report, ApiJson.Default.ReportView, text ?? ReportText.Print);
        var code = ReportText.ExitCodeOf(report);
        return code == ExitCode.Failed ? Refuse(ReportText.PrintError(report), code) : code;
    }

    public int Refuse(string message, int code)
    {
        var colon = message.IndexOf(": ", StringComparison.Ordinal) + 1;
        WriteError(Paint.Red(message[..colon]) + message[colon..]);
        return code;
    }

    /// <summary>Opens the engine in this process, without a daemon.</summary>
    public IGuardEngine OpenOffline(Directories directories)
    {
        var opened = surroundings.OpenEngine(directories);
        foreach (var fault in opened.Faults)
        {
            WriteError(Paint.Yellow(fault));
        }

        opened.Engine.Load();
        return opened.Engine;
    }
}
