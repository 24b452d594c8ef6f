using System.Diagnostics;
using System.Text;

namespace RouteGuard.KernelTests.Lab;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Finished(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Fails the test, with everything that was said, unless the program ended with this code.</summary>
    public Finished MustExit(int code)
    {
        Assert.True(ExitCode == code, $"Wanted exit code {code}.\n{this}");
        return this;
    }

    public override string ToString() => $"$ {Command}\n{Output}{Errors}exit code {ExitCode}";
}

/// <summary>A program that a lab started.</summary>
internal sealed class LabProcess : IDisposable
{
    /// <summary>A program's child may keep its pipes open: wait no longer than this for their end.</summary>
    private static readonly TimeSpan PipesCloseBound = TimeSpan.FromMilliseconds(300);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly CountdownEvent _openPipes = new(2);

    public LabProcess(ProcessStartInfo start, string command)
    {
        Command = command;
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Gather(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Gather(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Command { get; }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Gives the program this on its standard input, and no more.</summary>
    public void Feed(string input)
    {
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    public void Kill() => _process.Kill();

    /// <summary>Waits for the end. A program that is too slow is killed, and the test fails.</summary>
    public Finished WaitForExit()
    {
        if (!_process.WaitForExit(Eventually.Bound))
        {
            _process.Kill();
            Assert.Fail(
                $"Too slow: still running after {Eventually.Bound.TotalSeconds:0} s.\n$ {Command}\n{Output}{Errors}"
            );
        }

        _openPipes.Wait(PipesCloseBound);
        return new Finished(Command, _process.ExitCode, Output, Errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    public override string ToString() =>
        $"$ {Command}\n{Output}{Errors}{(HasExited ? $"exit code {_process.ExitCode}" : "still running")}";

    private void Gather(StringBuilder text, string? line)
    {
        if (line is null)
        {
            _openPipes.Signal();
            return;
        }

        lock (text)
        {
            text.Append(line).Append('\n');
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
