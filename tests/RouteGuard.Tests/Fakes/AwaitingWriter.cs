using System.Text;

namespace RouteGuard.Tests.Fakes;

/// <summary>Writes on, and says when some words were written. Letter by letter, so that no two threads mix.</summary>
internal sealed class AwaitingWriter(TextWriter inner, string awaited, Action seen) : TextWriter
{
    private readonly Lock _gate = new();
    private readonly Queue<char> _last = new();

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        lock (_gate)
        {
            inner.Write(value);
            _last.Enqueue(value);
            if (_last.Count > awaited.Length)
            {
                _last.Dequeue();
            }

            if (_last.SequenceEqual(awaited))
            {
                seen();
            }
        }
    }
}
