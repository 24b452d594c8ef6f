using System.Buffers;
using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>Builds one line of words separated by blanks, on the stack where it fits.</summary>
internal ref struct TextLine
{
    private char[]? _rented;
    private Span<char> _buffer;
    private int _length;

    public TextLine(Span<char> buffer) => _buffer = buffer;

    public readonly bool IsEmpty => _length == 0;

    /// <summary>The line did not fit into the buffer that was given.</summary>
    public readonly bool HasGrown => _rented is not null;

    public readonly ReadOnlySpan<char> Written => _buffer[.._length];

    public void Word(scoped ReadOnlySpan<char> word)
    {
        Blank(word.Length);
        word.CopyTo(_buffer[_length..]);
        _length += word.Length;
    }

    public void Word(scoped ReadOnlySpan<char> name, scoped ReadOnlySpan<char> value)
    {
        Word(name);
        Word(value);
    }

    public void Number(scoped ReadOnlySpan<char> name, uint value)
    {
        Word(name);
        Number(value);
    }

    public void Number(uint value)
    {
        Blank(10);
        value.TryFormat(_buffer[_length..], out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Hexadecimal(scoped ReadOnlySpan<char> name, uint value, scoped ReadOnlySpan<char> format)
    {
        Word(name);
        Span<char> digits = stackalloc char[12];
        digits[0] = '0';
        digits[1] = 'x';
        value.TryFormat(digits[2..], out var written, format, CultureInfo.InvariantCulture);
        Word(digits[..(written + 2)]);
    }

    public void Address(IpAddress address)
    {
        Blank(IpAddress.TextLengthMax);
        address.TryFormat(_buffer[_length..], out var written);
        _length += written;
    }

    public void Prefix(Prefix prefix)
    {
        Address(prefix.Address);
        Reserve(4);
        _buffer[_length++] = '/';
        prefix.Length.TryFormat(_buffer[_length..], out var digits, default, CultureInfo.InvariantCulture);
        _length += digits;
    }

    public override readonly string ToString() => new(_buffer[.._length]);

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
            _rented = null;
        }
    }

    // The blank before a word, if it is not the first, and room for the word.
    private void Blank(int more)
    {
        Reserve(more + 1);
        if (_length > 0)
        {
            _buffer[_length++] = ' ';
        }
    }

    private void Reserve(int more)
    {
        if (_length + more > _buffer.Length)
        {
            Grow(more);
        }
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        _buffer[.._length].CopyTo(larger);
        Dispose();
        _rented = larger;
        _buffer = larger;
    }
}
