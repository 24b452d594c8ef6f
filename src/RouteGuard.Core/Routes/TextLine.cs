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
        var separator = _length > 0 ? 1 : 0;
        Reserve(word.Length + separator);
        if (separator > 0)
        {
            _buffer[_length++] = ' ';
        }

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
        Span<char> digits = stackalloc char[10];
        value.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        Word(digits[..written]);
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
        Span<char> text = stackalloc char[IpAddress.TextLengthMax];
        address.TryFormat(text, out var written);
        Word(text[..written]);
    }

    public void Prefix(Prefix prefix)
    {
        Span<char> text = stackalloc char[IpAddress.TextLengthMax + 4];
        prefix.Address.TryFormat(text, out var written);
        text[written++] = '/';
        prefix.Length.TryFormat(text[written..], out var digits, default, CultureInfo.InvariantCulture);
        Word(text[..(written + digits)]);
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

    private void Reserve(int more)
    {
        if (_length + more <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        _buffer[.._length].CopyTo(larger);
        Dispose();
        _rented = larger;
        _buffer = larger;
    }
}
