using System.Text.Json;
using System.Text.Json.Serialization;
using Link.Abstractions.Buffers;
using Newtonsoft.Json.Linq;
using FloatParseHandling = Newtonsoft.Json.FloatParseHandling;

namespace Link.Abstractions.Json;

// The converters of SystemTextJsonSerializer: one per .NET type whose standard text differs from that of a JavaScript engine.

internal sealed class DoubleConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[JavaScriptNumber.MaxLength];
        writer.WriteRawValue(text[..JavaScriptNumber.Format(value, text)], skipInputValidation: true);
    }
}

internal sealed class SingleConverter : JsonConverter<float>
{
    public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

    public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[JavaScriptNumber.MaxLength];
        writer.WriteRawValue(text[..JavaScriptNumber.Format(value, text)], skipInputValidation: true);
    }
}

internal sealed class DecimalConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[JavaScriptNumber.MaxLength];
        writer.WriteRawValue(text[..JavaScriptNumber.Format(value, text)], skipInputValidation: true);
    }
}

internal sealed class DateTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTime();

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[JavaScriptDate.QuotedLength];
        JavaScriptDate.WriteQuoted(value, text);
        writer.WriteRawValue(text, skipInputValidation: true);
    }
}

internal sealed class DateTimeOffsetConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[JavaScriptDate.QuotedLength];
        JavaScriptDate.WriteQuoted(value.UtcDateTime, text);
        writer.WriteRawValue(text, skipInputValidation: true);
    }
}

/// <summary>The library replaces lone surrogates when it writes, and refuses them when it reads.</summary>
internal sealed class StringConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? JsonStringDecoder.Decode(reader.ValueSpan, reader.ValueIsEscaped) : throw new JsonException("A string was expected.");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        if (value.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            writer.WriteRawValue(JsonText.Quote(value), skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(value);
        }
    }
}

/// <summary>Written as Node.js does; read from that form, from base64 and from an array of numbers.</summary>
internal sealed class SystemTextBufferConverter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadForm(ref reader),
        JsonTokenType.StartArray => ReadItems(ref reader),
        _ => reader.GetBytesFromBase64(),
    };

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options)
    {
        if (writer.CurrentDepth + NodeBuffer.Depth > options.MaxDepth)
        {
            throw new JsonException("The value has more levels than allowed.");
        }

        using var text = new PooledBuffer();
        NodeBuffer.Write(text, value);
        writer.WriteRawValue(text.WrittenSpan, skipInputValidation: true);
    }

    private static byte[] ReadForm(ref Utf8JsonReader reader)
    {
        byte[]? data = null;
        var isBuffer = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.StartArray)
            {
                data = ReadItems(ref reader);
                continue;
            }

            isBuffer = isType ? reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(NodeBuffer.TypeName) : isBuffer;
            reader.Skip();
        }

        return isBuffer && data is not null ? data : throw new JsonException("The object is not the form of a byte buffer.");
    }

    private static byte[] ReadItems(ref Utf8JsonReader reader)
    {
        using var bytes = new PooledBuffer();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bytes.Write([reader.GetByte()]);
        }

        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Tokens of Newtonsoft.Json, so that what Link hands out can be sent on whichever serializer is in use.</summary>
internal sealed class TokenConverter : JsonConverter<JToken>
{
    public override bool HandleNull => true;

    public override bool CanConvert(Type typeToConvert) => typeof(JToken).IsAssignableFrom(typeToConvert);

    public override JToken? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var token = JsonTokenBuilder.Read(ref reader, FloatParseHandling.Double);
        return token.Type == JTokenType.Null && !typeToConvert.IsInstanceOfType(token) ? null : token;
    }

    public override void Write(Utf8JsonWriter writer, JToken? value, JsonSerializerOptions options)
    {
        var tokens = Utf8JsonTokenWriter.Rent(options.MaxDepth - writer.CurrentDepth);
        try
        {
            (value ?? JValue.CreateNull()).WriteTo(tokens);
            writer.WriteRawValue(tokens.Complete(), skipInputValidation: true);
        }
        finally
        {
            tokens.Return();
        }
    }
}
