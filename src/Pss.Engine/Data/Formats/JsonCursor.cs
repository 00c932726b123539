using System.Globalization;
using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads a JSON stream token by token through a small buffer, so that memory does not grow with the file.</summary>
internal ref struct JsonCursor
{
    private const int MaxToken = 64 << 20;
    private readonly Stream _stream;
    private byte[] _buffer;
    private int _count;
    private bool _final;
    private Utf8JsonReader _reader;

    public JsonCursor(Stream stream)
    {
        _stream = stream;
        _buffer = new byte[1 << 16];
        _count = stream.ReadAtLeast(_buffer, 3, throwOnEndOfStream: false);
        // A byte order mark is not JSON, but some editors write one.
        var start = _buffer.AsSpan(0, _count).StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? 3 : 0;
        _buffer.AsSpan(start, _count - start).CopyTo(_buffer);
        _count -= start;
        _final = false;
        _reader = new(_buffer.AsSpan(0, _count), isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 32 }));
    }

    public readonly JsonTokenType Kind => _reader.TokenType;

    public readonly bool Is(ReadOnlySpan<byte> text) => _reader.ValueTextEquals(text);

    public readonly string Text => _reader.GetString()!;

    /// <summary>Moves to the next token. A file that ends too early throws <see cref="JsonException"/>.</summary>
    public bool Read()
    {
        while (!_reader.Read())
        {
            if (_final)
                return false;
            Refill();
        }
        return true;
    }

    /// <summary>Moves to the next property of the current object; false at its end.</summary>
    public bool NextProperty() => Read() && Kind == JsonTokenType.PropertyName;

    /// <summary>Moves to the next item of the current array; false at its end.</summary>
    public bool NextItem() => Read() && Kind != JsonTokenType.EndArray;

    /// <summary>Skips the value at the cursor.</summary>
    public void Skip()
    {
        if (Kind is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var depth = _reader.CurrentDepth;
        while (Read() && _reader.CurrentDepth > depth)
        {
        }
    }

    /// <summary>Reads the value at the cursor as an integer, 3.0 and the text "3" included; null, with the value skipped, for anything else.</summary>
    public long? Integer()
    {
        if (Kind == JsonTokenType.Number && _reader.TryGetInt64(out var integer))
            return integer;
        return Number() is { } number && number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;
    }

    /// <summary>Reads the value at the cursor as a finite number, also in quotes; null, with the value skipped, for anything else.</summary>
    public double? Number()
    {
        if (Kind == JsonTokenType.String)
            return double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var quoted) && double.IsFinite(quoted) ? quoted : null;
        if (Kind == JsonTokenType.Number && _reader.TryGetDouble(out var number) && double.IsFinite(number))
            return number;
        Skip();
        return null;
    }

    /// <summary>Reads the value at the cursor as a string; null, with the value skipped, for anything else.</summary>
    public string? String()
    {
        if (Kind == JsonTokenType.String)
            return Text;
        Skip();
        return null;
    }

    private void Refill()
    {
        var rest = _count - (int)_reader.BytesConsumed;
        var state = _reader.CurrentState;
        var old = _buffer;
        if (rest == _buffer.Length)
        {
            if (rest >= MaxToken)
                throw new JsonException($"a single value is longer than {MaxToken >> 20} MB");
            _buffer = new byte[rest * 2];
        }
        old.AsSpan((int)_reader.BytesConsumed, rest).CopyTo(_buffer);
        var got = _stream.Read(_buffer, rest, _buffer.Length - rest);
        _count = rest + got;
        _final = got == 0;
        _reader = new(_buffer.AsSpan(0, _count), _final, state);
    }
}
