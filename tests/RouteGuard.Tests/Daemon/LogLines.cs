using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;

namespace RouteGuard.Tests.Daemon;

/// <summary>A log in memory: a line each, with its level before it.</summary>
internal sealed class LogLines : ILogEventSink
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public void Emit(LogEvent logEvent) =>
        _lines.Enqueue(
            $"{logEvent.Level}: {logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)}"
        );
}
