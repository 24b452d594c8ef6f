namespace RouteGuard.Client;

/// <summary>The bytes of a stream of events, with a bound on each event and on the silence between them.</summary>
internal sealed class EventBytes(Stream stream, ClientBounds bounds, TimeProvider time) : Stream
{
    private int _eventBytes;
    private bool _isLineEmpty = true;
    private bool _isAfterReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="RouteGuardException">An event is too large.</exception>
    /// <exception cref="OperationCanceledException">It was stopped, or silent for too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var clock = new CancellationTokenSource(bounds.SilenceMax, time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        var read = await stream.ReadAsync(buffer, bounded.Token);
        Count(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // An event ends with an empty line; a line ends with \n, \r or both.
    private void Count(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            var isSecondHalf = one == (byte)'\n' && _isAfterReturn;
            var isLineEnd = one is (byte)'\n' or (byte)'\r';
            _eventBytes = isLineEnd && _isLineEmpty && !isSecondHalf ? 0 : _eventBytes + 1;
            _isLineEmpty = isLineEnd;
            _isAfterReturn = one == (byte)'\r';
            if (_eventBytes > bounds.EventBytesMax)
            {
                throw new RouteGuardException(
                    RefusalKind.Failed,
                    $"Cannot read the daemon's events: one has more than {bounds.EventBytesMax} bytes."
                );
            }
        }
    }
}
