using Link.Abstractions.Json;
using System.Buffers;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using JsonException = System.Text.Json.JsonException;
using JsonSerializer = Newtonsoft.Json.JsonSerializer;

namespace Link.Abstractions;

/// <summary>
/// Newtonsoft.Json, writing the text that a JavaScript engine writes and reading strict JSON only: the default serializer of Link.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// Whatever the settings say: numbers, dates, strings and bytes have the JavaScript forms, dates in tokens stay strings, and text is never
/// indented. Without settings, <c>$type</c>, <c>$ref</c> and <c>$id</c> are plain data.
/// </remarks>
public sealed class NewtonsoftSerializer : IPayloadSerializer
{
    private readonly JsonSerializer _serializer;
    private readonly bool _hasUserConverters;

    /// <summary>Makes a serializer.</summary>
    /// <param name="settings">
    /// Converters, contracts and the like; null for safe defaults. Read now: later changes have no effect. <c>TypeNameHandling</c> (none
    /// unless given) and <c>MaxDepth</c> (64 unless given, for reading and writing) are taken as they are: type names from a peer let it
    /// choose what is created in this process.
    /// </param>
    public NewtonsoftSerializer(JsonSerializerSettings? settings = null)
    {
        settings ??= new JsonSerializerSettings { TypeNameHandling = TypeNameHandling.None, MaxDepth = JsonText.MaxDepth };
        _serializer = JsonSerializer.Create(settings);
        _serializer.DateParseHandling = DateParseHandling.None;
        _serializer.Formatting = Formatting.None;
        _hasUserConverters = _serializer.Converters.Count > 0;
        if (settings.ContractResolver is null)
        {
            // Asked once per type, and not, as a converter of the serializer, for every value.
            _serializer.ContractResolver = BufferContractResolver.Instance;
        }
        else
        {
            _serializer.Converters.Add(new NewtonsoftBufferConverter());
        }

        var plain = settings.TypeNameHandling == TypeNameHandling.None && settings.PreserveReferencesHandling == PreserveReferencesHandling.None;
        if (plain && settings.MetadataPropertyHandling == MetadataPropertyHandling.Default)
        {
            _serializer.MetadataPropertyHandling = MetadataPropertyHandling.Ignore;
        }
    }

    /// <summary>The one with the default settings.</summary>
    public static NewtonsoftSerializer Default { get; } = new();

    /// <inheritdoc/>
    public void Serialize(IBufferWriter<byte> output, object? value)
    {
        ArgumentNullException.ThrowIfNull(output);
        var writer = Utf8JsonTokenWriter.Rent(_serializer.MaxDepth ?? int.MaxValue);
        try
        {
            Write(writer, value);
            output.Write(writer.Complete());
        }
        finally
        {
            writer.Return();
        }
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return typeof(T) == typeof(JToken) || typeof(T) == typeof(JObject) || typeof(T) == typeof(JArray)
                ? ReadToken<T>(utf8.Span)
                : Read<T>(utf8);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw JsonFailure.Reading(typeof(T), exception);
        }
    }

    private void Write(Utf8JsonTokenWriter writer, object? value)
    {
        try
        {
            if (value is JToken token && !_hasUserConverters)
            {
                token.WriteTo(writer);
            }
            else
            {
                _serializer.Serialize(writer, value);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw JsonFailure.Writing(value?.GetType() ?? typeof(object), exception);
        }
    }

    private T? ReadToken<T>(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = _serializer.MaxDepth ?? int.MaxValue });
        reader.Read();
        var token = JsonTokenBuilder.Read(ref reader, _serializer.FloatParseHandling);

        // The reader throws when something follows the value.
        reader.Read();
        return token.Type == JTokenType.Null && typeof(T) != typeof(JToken) ? default : (T)(object)token;
    }

    private T? Read<T>(ReadOnlyMemory<byte> utf8)
    {
        var reader = Utf8JsonTokenReader.Rent(utf8, _serializer.MaxDepth);
        var value = (T?)_serializer.Deserialize(reader, typeof(T));
        if (reader.Read())
        {
            throw new JsonException("A converter left a part of the value unread.");
        }

        reader.Return();
        return value;
    }
}
