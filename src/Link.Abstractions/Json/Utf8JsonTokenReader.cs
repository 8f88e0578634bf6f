using System.Buffers.Text;
using System.Globalization;
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
    private readonly ReadOnlyMemory<byte> _json;
    private JsonReaderState _state;
    private int _position;
    private NumberTarget _target;

    /// <summary>Starts at the beginning of the text.</summary>
    public Utf8JsonTokenReader(ReadOnlyMemory<byte> json, int? maxDepth)
    {
        _json = json;
        MaxDepth = maxDepth;
        DateParseHandling = DateParseHandling.None;
        _state = new JsonReaderState(new JsonReaderOptions { MaxDepth = maxDepth ?? int.MaxValue });
    }

    private enum NumberTarget : byte
    {
        Any,
        Int32,
        Decimal,
        Text,
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        var reader = new Utf8JsonReader(_json.Span[_position..], isFinalBlock: true, _state);
        var any = reader.Read();
        _position += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        if (!any)
        {
            SetToken(JsonToken.None);
            return false;
        }

        SetTokenOf(ref reader);
        return true;
    }

    /// <inheritdoc/>
    public override int? ReadAsInt32() => ReadAs(NumberTarget.Int32, static reader => reader.BaseReadAsInt32());

    /// <inheritdoc/>
    public override decimal? ReadAsDecimal() => ReadAs(NumberTarget.Decimal, static reader => reader.BaseReadAsDecimal());

    /// <inheritdoc/>
    public override string? ReadAsString() => ReadAs(NumberTarget.Text, static reader => reader.BaseReadAsString());

    private int? BaseReadAsInt32() => base.ReadAsInt32();

    private decimal? BaseReadAsDecimal() => base.ReadAsDecimal();

    private string? BaseReadAsString() => base.ReadAsString();

    // The base class converts what Read gives; told the target first, Read gives it without a detour that loses digits.
    private T ReadAs<T>(NumberTarget target, Func<Utf8JsonTokenReader, T> read)
    {
        _target = target;
        try
        {
            return read(this);
        }
        finally
        {
            _target = NumberTarget.Any;
        }
    }

    private void SetTokenOf(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
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
                SetToken(JsonToken.PropertyName, JsonNameCache.OfThisThread.Read(ref reader));
                break;
            case JsonTokenType.String:
                SetToken(JsonToken.String, JsonStringDecoder.Read(ref reader));
                break;
            case JsonTokenType.Number:
                SetNumber(ref reader);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                SetBoolean(reader.TokenType == JsonTokenType.True);
                break;
            default:
                SetToken(JsonToken.Null);
                break;
        }
    }

    private void SetBoolean(bool value) =>
        SetToken(JsonToken.Boolean, _target == NumberTarget.Text ? value ? "true" : "false" : value);

    private void SetNumber(ref Utf8JsonReader reader)
    {
        var whole = JsonNumberParser.IsWhole(reader.ValueSpan);
        object value = _target switch
        {
            NumberTarget.Text => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
            NumberTarget.Int32 => ReadInt32(ref reader),
            NumberTarget.Decimal when Utf8Parser.TryParse(reader.ValueSpan, out decimal exact, out var used, 'E') &&
                used == reader.ValueSpan.Length => exact,
            _ when whole => JsonNumberParser.ReadWhole(ref reader),
            _ => JsonNumberParser.ReadFraction(ref reader, FloatParseHandling),
        };
        SetToken(whole ? JsonToken.Integer : JsonToken.Float, value);
    }

    // 1.0 and 1e2 are whole to JavaScript, which knows one kind of number only; 1.5 must not be rounded.
    private static int ReadInt32(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt32(out var value))
        {
            return value;
        }

        return reader.TryGetDouble(out var number) && number == Math.Truncate(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"A number does not fit Int32 ({reader.ValueSpan.Length} characters)."));
    }
}
