using System.Text.Json;

namespace Link.Abstractions.Json;

/// <summary>
/// Walks the top-level members of one JSON object without converting their values. Strict: the whole text is checked by
/// the time the walk ends. Not a parser for payloads: it finds the few members an envelope needs.
/// </summary>
public ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private JsonTokenType _valueType;
    private bool _nameEscaped;

    /// <summary>Starts a walk.</summary>
    /// <param name="json">One JSON object in UTF-8.</param>
    /// <param name="extraDepth">Levels allowed beyond <see cref="JsonText.MaxDepth"/>: those of an envelope around user data.</param>
    public JsonMembers(ReadOnlySpan<byte> json, int extraDepth = 0)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth + extraDepth });
    }

    /// <summary>The type of the current member's value.</summary>
    public readonly JsonTokenType ValueType => _valueType;

    /// <summary>Where the current member's value stands in the text.</summary>
    public Range Value { get; private set; }

    /// <summary>Where the current member's name stands in the text, without its quotes and as escaped there.</summary>
    public Range Name { get; private set; }

    /// <summary>Steps into the object; false when the text is valid JSON so far but no object.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public bool TryEnter() => _reader.Read() && _reader.TokenType == JsonTokenType.StartObject;

    /// <summary>Goes to the next member; false after the last, when the whole text has been checked.</summary>
    /// <exception cref="JsonException">The text is not JSON, is deeper than allowed, or goes on after the object.</exception>
    public bool Next()
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            _reader.Read();
            return false;
        }

        var nameStart = (int)_reader.TokenStartIndex + 1;
        Name = nameStart..(nameStart + _reader.ValueSpan.Length);
        _nameEscaped = _reader.ValueIsEscaped;
        _reader.Read();
        _valueType = _reader.TokenType;
        var start = (int)_reader.TokenStartIndex;
        if (_valueType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _reader.Skip();
        }

        Value = start..(int)_reader.BytesConsumed;
        return true;
    }

    /// <summary>Whether the current member has this name.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> name) =>
        _nameEscaped ? JsonText.Unquote(_json[(Name.Start.Value - 1)..(Name.End.Value + 1)]) == System.Text.Encoding.UTF8.GetString(name)
            : _json[Name].SequenceEqual(name);

    /// <summary>Checks that a text that is no object is one whole JSON value all the same.</summary>
    /// <param name="json">JSON text in UTF-8.</param>
    /// <param name="extraDepth">As in the constructor.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public static void RequireEnd(ReadOnlySpan<byte> json, int extraDepth = 0)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth + extraDepth });
        while (reader.Read())
        {
        }
    }
}
