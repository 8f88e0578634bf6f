using Link.Abstractions.Buffers;
using Newtonsoft.Json;

namespace Link.Abstractions.Json;

/// <summary>Byte arrays for Newtonsoft.Json: written as Node.js does; read from that form, from base64 and from an array of numbers.</summary>
internal sealed class NewtonsoftBufferConverter : JsonConverter<byte[]>
{
    /// <inheritdoc/>
    public override void WriteJson(JsonWriter writer, byte[]? value, JsonSerializer serializer) => writer.WriteValue(value);

    /// <inheritdoc/>
    public override byte[]? ReadJson(JsonReader reader, Type objectType, byte[]? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
        reader.TokenType switch
        {
            JsonToken.Null or JsonToken.Undefined => null,
            JsonToken.Bytes => (byte[]?)reader.Value,
            JsonToken.String => Convert.FromBase64String((string)reader.Value!),
            JsonToken.StartArray => ReadItems(reader),
            JsonToken.StartObject => ReadForm(reader),
            _ => throw new JsonSerializationException($"Bytes cannot be read from {reader.TokenType}."),
        };

    private static byte[] ReadForm(JsonReader reader)
    {
        byte[]? data = null;
        var isBuffer = false;
        while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
        {
            var name = (string)reader.Value!;
            reader.Read();
            if (name == "data" && reader.TokenType == JsonToken.StartArray)
            {
                data = ReadItems(reader);
            }
            else if (name == "type")
            {
                isBuffer = reader.Value is NodeBuffer.TypeName;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return isBuffer && data is not null ? data : throw new JsonSerializationException("The object is not the form of a byte buffer.");
    }

    private static byte[] ReadItems(JsonReader reader)
    {
        using var bytes = new PooledBuffer();
        while (reader.Read() && reader.TokenType != JsonToken.EndArray)
        {
            bytes.Write([reader.Value is long and >= 0 and <= byte.MaxValue
                ? (byte)(long)reader.Value
                : throw new JsonSerializationException("An item of a byte buffer is no byte.")]);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
