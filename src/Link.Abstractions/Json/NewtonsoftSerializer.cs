using System.Buffers;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Abstractions.Json;

/// <summary>Newtonsoft.Json with safe, explicit settings: the default serializer of Link. Safe for concurrent use.</summary>
public sealed class NewtonsoftSerializer : IPayloadSerializer
{
    private readonly JsonSerializer _serializer;

    /// <summary>Makes a serializer.</summary>
    public NewtonsoftSerializer(JsonSerializerSettings? settings = null) => _serializer = JsonSerializer.Create(settings ?? new JsonSerializerSettings
    {
        TypeNameHandling = TypeNameHandling.None,
        DateParseHandling = DateParseHandling.None,
        MaxDepth = JsonText.MaxDepth,
    });

    /// <summary>The one with the default settings.</summary>
    public static NewtonsoftSerializer Default { get; } = new();

    /// <inheritdoc/>
    public void Serialize(IBufferWriter<byte> output, object? value)
    {
        var text = new StringWriter();
        _serializer.Serialize(text, value);
        output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> utf8)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(utf8.Span))) { DateParseHandling = DateParseHandling.None };
        try
        {
            return _serializer.Deserialize<T>(reader);
        }
        catch (JsonException exception)
        {
            throw new LinkException(LinkError.InvalidData, exception.Message, innerException: exception);
        }
    }
}
