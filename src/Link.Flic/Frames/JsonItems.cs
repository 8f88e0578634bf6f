using System.Text.Json;

namespace Link.Flic.Frames;

/// <summary>Walks the elements of one JSON array without converting them. The text has been checked before.</summary>
internal ref struct JsonItems
{
    private readonly ReadOnlyMemory<byte> _array;
    private Utf8JsonReader _reader;

    /// <param name="array">The JSON text of an array that is known to be well formed; empty for none.</param>
    public JsonItems(ReadOnlyMemory<byte> array)
    {
        _array = array;
        _reader = new Utf8JsonReader(array.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        if (!array.IsEmpty)
        {
            _reader.Read();
        }
    }

    /// <summary>The JSON text of the current element.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>What the current element is; None before the first and after the last.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>Goes to the next element.</summary>
    public bool MoveNext()
    {
        if (_array.IsEmpty || !_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            Current = default;
            Kind = JsonTokenType.None;
            return false;
        }

        Kind = _reader.TokenType;
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Current = _array[start..(int)_reader.BytesConsumed];
        return true;
    }

    /// <summary>The next element; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Take() => MoveNext() ? Current : default;
}
