using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Storage;

/// <summary>Writes one JSON document to a file through one pooled buffer, and seals it with a checksum.</summary>
internal sealed class DocumentWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>A larger document is refused, in writing and in reading.</summary>
    public const int DocumentBytesMax = 256 * 1024 * 1024;

    private const int BufferBytes = 128 * 1024;

    private readonly IDiskFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private uint _checksum = Crc32C.Start;
    private int _length;
    private long _spilled;

    public DocumentWriter(IDiskFile file)
    {
        _file = file;
        Json = new(
            this,
            new()
            {
                Indented = true,
                NewLine = "\n",
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
    }

    public Utf8JsonWriter Json { get; }

    /// <summary>Adds the checksum as the last property of the finished document, and syncs the file.</summary>
    public void Seal()
    {
        // The JSON writer asks for room for the last line break and brace together, so both are in the buffer.
        Json.Flush();
        _length -= SealedDocument.EndOfObject.Length;
        Append(SealedDocument.BeforeChecksum);
        Spill();
        Span<byte> digits = stackalloc byte[Crc32C.TextLength];
        (~_checksum).TryFormat(digits, out _, "x8");
        Append(digits);
        Append(SealedDocument.AfterChecksum);
        Spill();
        _file.Sync();
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public void Dispose()
    {
        Json.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    private void Reserve(int sizeHint)
    {
        if (_buffer.Length - _length >= Math.Max(sizeHint, 1))
        {
            return;
        }

        Spill();
        if (_buffer.Length < sizeHint)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(sizeHint);
        }
    }

    private void Spill()
    {
        if (_spilled + _length > DocumentBytesMax)
        {
            throw new StateStoreException(
                $"Cannot store the document: it is larger than {DocumentBytesMax >> 20} MiB. Nothing was written."
            );
        }

        _checksum = Crc32C.Update(_checksum, _buffer.AsSpan(0, _length));
        _file.Write(_buffer.AsSpan(0, _length), _spilled);
        _spilled += _length;
        _length = 0;
    }
}
