using RouteGuard.Core.Api;

namespace RouteGuard.Daemon;

/// <summary>The last events, numbered from 1, for listeners that come, go and resume.</summary>
/// <remarks>The oldest make room for the newest. May be used on any thread.</remarks>
internal sealed class EventRing
{
    /// <summary>Events that are kept.</summary>
    public const int EventsMax = 1024;

    private readonly Lock _gate = new();
    private readonly Queue<EventView> _events = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;

    /// <summary>The number of the newest event; 0 before the first.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public void Add(IReadOnlyList<EventView> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var happened in events)
            {
                _events.Enqueue(happened);
                _last++;
                if (_events.Count > EventsMax)
                {
                    _events.Dequeue();
                }
            }

            _news.SetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>What came after an event.</summary>
    /// <param name="number">Of the last event that the listener has.</param>
    public EventsAfter After(long number)
    {
        lock (_gate)
        {
            var first = _last - _events.Count + 1;
            var from = Math.Clamp(number + 1, first, _last + 1);
            return new(from, from - number - 1, [.. _events.Skip((int)(from - first))], _news.Task);
        }
    }
}

/// <summary>Events that a listener does not have.</summary>
/// <param name="First">The number of the first of them.</param>
/// <param name="Missed">How many before them are no longer kept.</param>
/// <param name="Events">In order, without a gap.</param>
/// <param name="More">Ends when there are more.</param>
internal sealed record EventsAfter(long First, long Missed, IReadOnlyList<EventView> Events, Task More);
