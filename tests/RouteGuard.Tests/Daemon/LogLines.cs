using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace RouteGuard.Tests.Daemon;

/// <summary>A log in memory: a line each, with its level before it.</summary>
internal sealed class LogLines : ILogEventSink
{
    private static readonly MessageTemplateTextFormatter Plain = new("{Level}: {Message:lj}");

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter();
        Plain.Format(logEvent, line);
        _lines.Enqueue(line.ToString());
    }
}
