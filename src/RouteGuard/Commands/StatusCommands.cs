using System.CommandLine;
using System.Runtime.InteropServices;
using RouteGuard.Core.Api;
using RouteGuard.Manual;
using RouteGuard.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard status</c></summary>
internal static class StatusCommands
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    public static Command MakeStatus(CommandLine line)
    {
        var watch = new Option<bool>("--watch") { Description = "Again every second, until it is stopped." };
        var command = new Command("status", "One screen: verdict, what is wrong and what to do, ways out.") { watch };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                Task<StatusView> AskAsync(CancellationToken token) =>
                    client.AskAsync(daemon => daemon.StatusAsync(token));
                if (!parsed.GetValue(watch))
                {
                    var status = await AskAsync(stop);
                    line.Print(parsed, status, ApiJson.Default.StatusView, shown => Text(line, shown));
                    return status.Verdict == "contested" ? ExitCode.Contested : ExitCode.Done;
                }

                using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
                using var interrupted = line.Surroundings.OnInterrupt(ended.Cancel);
                var isLive = line.Screen.MovesCursor && !line.IsJson(parsed);
                return await (
                    isLive ? LiveAsync(line, AskAsync, ended.Token) : BlocksAsync(line, parsed, AskAsync, ended.Token)
                );
            }
        );
        return command;
    }

    // A block a second, and an empty line between two of text.
    private static async Task<int> BlocksAsync(
        CommandLine line,
        ParseResult parsed,
        Func<CancellationToken, Task<StatusView>> askAsync,
        CancellationToken stop
    )
    {
        for (var block = 0; await IsDueAsync(line, block, stop); block++)
        {
            var status = await askAsync(stop);
            if (block > 0 && !line.IsJson(parsed))
            {
                line.Write(Phrase.Empty);
            }

            line.Print(parsed, status, ApiJson.Default.StatusView, shown => Text(line, shown));
            await line.Out.FlushAsync(stop);
        }

        return ExitCode.Done;
    }

    // Each turn is written in one piece, so that nothing flickers.
    private static async Task<int> LiveAsync(
        CommandLine line,
        Func<CancellationToken, Task<StatusView>> askAsync,
        CancellationToken stop
    )
    {
        await using var turn = new StringWriter();
        async Task ShowAsync()
        {
            await line.Out.WriteAsync(turn.GetStringBuilder(), CancellationToken.None);
            await line.Out.FlushAsync(CancellationToken.None);
            turn.GetStringBuilder().Clear();
        }

        var display = new LiveDisplay(Sheet.On(line.Screen, turn), Phrase.Empty)
        {
            Overflow = VerticalOverflow.Ellipsis,
            Cropping = VerticalOverflowCropping.Bottom,
        };
        try
        {
            await display.StartAsync(async live =>
            {
                for (var block = 0; await IsDueAsync(line, block, stop); block++)
                {
                    live.UpdateTarget(Text(line, await askAsync(stop)));
                    await ShowAsync();
                }
            });
        }
        finally
        {
            // The cursor is shown again, whatever ended it.
            await ShowAsync();
        }

        return ExitCode.Done;
    }

    private static async Task<bool> IsDueAsync(CommandLine line, int block, CancellationToken stop)
    {
        try
        {
            await Task.Delay(block == 0 ? TimeSpan.Zero : WatchEvery, line.Surroundings.Time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static IRenderable Text(CommandLine line, StatusView status) =>
        StatusText.Print(status, line.Surroundings.Time.GetUtcNow());
}

/// <summary><c>routeguard version</c></summary>
internal static class VersionCommand
{
    private static VersionView Here() =>
        new(
            View.Version,
            OperatingSystem.IsMacOS() ? "macos" : "linux",
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            JsonAnswers.Version
        );

    public static Command Make(CommandLine line)
    {
        var command = new Command("version", "Prints the version.");
        line.Handle(
            command,
            (parsed, _) =>
            {
                line.Print(parsed, Here(), CliJson.Default.VersionView, here => Paint.Say(here.Version));
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }
}
