using System.Text;
using System.Text.Json;
using Newtonsoft.Json;
using JsonException = System.Text.Json.JsonException;

namespace Link.Abstractions.Json;

/// <summary>
/// Feeds Newtonsoft.Json from UTF-8, strictly: its own text reader also takes comments, single quotes, trailing commas and the like,
/// which no JavaScript peer would. Not safe for concurrent use.
/// </summary>
internal sealed class Utf8JsonTokenReader : JsonReader
{
    /// <summary>Resuming the reader below costs more than a token: tokens are found by the batch.</summary>
    private const int BatchLength = 64;

    [ThreadStatic]
    private static Utf8JsonTokenReader? _spare;

    private readonly Token[] _batch = new Token[BatchLength];
    private readonly JsonNameCache _names = JsonNameCache.OfThisThread;
    private ReadOnlyMemory<byte> _json;
    private JsonReaderState _state;
    private int _position;
    private int _next;
    private int _count;
    private NumberTarget _target;

    private Utf8JsonTokenReader() => DateParseHandling = DateParseHandling.None;

    private enum NumberTarget : byte
    {
        Any,
        Int32,
        Decimal,
        Text,
    }

    /// <summary>A reader at the beginning of the text, on the calling thread only.</summary>
    public static Utf8JsonTokenReader Rent(ReadOnlyMemory<byte> json, int? maxDepth)
    {
        // Taken out of the slot while in use: a converter may deserialize another value meanwhile.
        var reader = _spare ?? new Utf8JsonTokenReader();
        _spare = null;
        reader._json = json;
        reader.MaxDepth = maxDepth;
        reader._state = new JsonReaderState(new JsonReaderOptions { MaxDepth = maxDepth ?? int.MaxValue });
        reader._position = reader._next = reader._count = 0;
        return reader;
    }

    /// <summary>Keeps the reader for the next value of this thread: only after it came to the end, since nothing else resets its base.</summary>
    public void Return()
    {
        _json = default;
        _spare = this;
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        if (_next == _count && !TryFillBatch())
        {
            SetToken(JsonToken.None);
            return false;
        }

        SetTokenOf(_batch[_next++]);
        return true;
    }

    /// <inheritdoc/>
    public override int? ReadAsInt32()
    {
        _target = NumberTarget.Int32;
        try
        {
            return base.ReadAsInt32();
        }
        finally
        {
            _target = NumberTarget.Any;
        }
    }

    /// <inheritdoc/>
    public override decimal? ReadAsDecimal()
    {
        _target = NumberTarget.Decimal;
        try
        {
            return base.ReadAsDecimal();
        }
        finally
        {
            _target = NumberTarget.Any;
        }
    }

    /// <inheritdoc/>
    public override string? ReadAsString()
    {
        _target = NumberTarget.Text;
        try
        {
            return base.ReadAsString();
        }
        finally
        {
            _target = NumberTarget.Any;
        }
    }

    private bool TryFillBatch()
    {
        var reader = new Utf8JsonReader(_json.Span[_position..], isFinalBlock: true, _state);
        _next = _count = 0;
        while (_count < BatchLength && reader.Read())
        {
            var start = _position + (int)reader.TokenStartIndex + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0);
            _batch[_count++] = new Token(start, reader.ValueSpan.Length, reader.TokenType, reader.ValueIsEscaped);
        }

        _position += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return _count > 0;
    }

    private void SetTokenOf(in Token token)
    {
        switch (token.Type)
        {
            case JsonTokenType.StartObject:
                SetToken(JsonToken.StartObject);
                break;
            case JsonTokenType.EndObject:
                SetToken(JsonToken.EndObject);
                break;
            case JsonTokenType.StartArray:
                SetToken(JsonToken.StartArray);
                break;
            case JsonTokenType.EndArray:
                SetToken(JsonToken.EndArray);
                break;
            case JsonTokenType.PropertyName:
                SetToken(JsonToken.PropertyName, _names.Get(TextOf(token), token.IsEscaped));
                break;
            case JsonTokenType.String:
                SetToken(JsonToken.String, JsonStringDecoder.Decode(TextOf(token), token.IsEscaped));
                break;
            case JsonTokenType.Number:
                var number = TextOf(token);
                SetToken(JsonNumberParser.IsWhole(number) ? JsonToken.Integer : JsonToken.Float, NumberOf(number));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                var value = token.Type == JsonTokenType.True;
                SetToken(JsonToken.Boolean, _target == NumberTarget.Text ? value ? "true" : "false" : value);
                break;
            default:
                SetToken(JsonToken.Null);
                break;
        }
    }

    private ReadOnlySpan<byte> TextOf(in Token token) => _json.Span.Slice(token.Start, token.Length);

    // The base class converts what Read gives; told the target first, Read gives it without a detour that loses digits.
    private object NumberOf(ReadOnlySpan<byte> number) => _target switch
    {
        NumberTarget.Text => Encoding.UTF8.GetString(number),
        NumberTarget.Int32 => JsonNumberParser.TryParseInt32(number, out var value) ? value : throw new JsonException("A number does not fit Int32."),
        NumberTarget.Decimal when JsonNumberParser.TryParseDecimal(number, out var value) => value,
        _ => JsonNumberParser.Parse(number, FloatParseHandling),
    };

    private readonly record struct Token(int Start, int Length, JsonTokenType Type, bool IsEscaped);
}
