using Link.Abstractions.Json;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Link.Abstractions.Buffers;

namespace Link.Abstractions;

/// <summary>
/// System.Text.Json, writing the text that a JavaScript engine writes and reading strict JSON: faster than
/// <see cref="NewtonsoftSerializer"/> for typed data. Names are written and read exactly as in C#. Safe for concurrent use.
/// </summary>
/// <remarks>A lone surrogate survives in values, but becomes U+FFFD in the name of a member.</remarks>
public sealed class SystemTextJsonSerializer : IPayloadSerializer
{
    /// <summary>A thread keeps at most this much memory while it waits for the next value.</summary>
    private const int KeptBytes = 16 * 1024;

    [ThreadStatic]
    private static Scratch? _spare;

    private readonly JsonSerializerOptions _options;

    /// <summary>Makes a serializer.</summary>
    /// <param name="options">
    /// Converters, contracts, names and the like; null for the library's own defaults. Copied: later changes have no effect. Depth is 64
    /// unless given. Indentation and the encoder are ignored, and converters given here come before those for the JavaScript forms.
    /// </param>
    public SystemTextJsonSerializer(JsonSerializerOptions? options = null)
    {
        _options = options is null ? new JsonSerializerOptions() : new JsonSerializerOptions(options);
        _options.MaxDepth = _options.MaxDepth == 0 ? JsonText.MaxDepth : _options.MaxDepth;
        _options.WriteIndented = false;
        _options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        _options.Converters.Add(new StringConverter());
        _options.Converters.Add(new DoubleConverter());
        _options.Converters.Add(new SingleConverter());
        _options.Converters.Add(new DecimalConverter());
        _options.Converters.Add(new DateTimeConverter());
        _options.Converters.Add(new DateTimeOffsetConverter());
        _options.Converters.Add(new SystemTextBufferConverter());
        _options.Converters.Add(new TokenConverter());
        _options.MakeReadOnly(populateMissingResolver: true);
    }

    /// <summary>The one with the default options.</summary>
    public static SystemTextJsonSerializer Default { get; } = new();

    /// <inheritdoc/>
    public void Serialize(IBufferWriter<byte> output, object? value)
    {
        ArgumentNullException.ThrowIfNull(output);

        // Taken out of the slot while in use: a converter may serialize another value meanwhile.
        var scratch = _spare ?? new Scratch();
        _spare = null;
        try
        {
            Write(scratch.Writer, value);
            output.Write(Finish(scratch.Text));
        }
        finally
        {
            scratch.Writer.Reset();
            scratch.Text.Truncate(0);
            if (scratch.Text.GetSpan().Length > KeptBytes)
            {
                scratch.Text.Release();
            }

            _spare = scratch;
        }
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(utf8.Span, _options);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw JsonFailure.Reading(typeof(T), exception);
        }
    }

    private void Write(Utf8JsonWriter writer, object? value)
    {
        try
        {
            JsonSerializer.Serialize(writer, value, value?.GetType() ?? typeof(object), _options);
            writer.Flush();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw JsonFailure.Writing(value?.GetType() ?? typeof(object), exception);
        }
    }

    // The library escapes more than a JavaScript engine, and knows insertion order only.
    private static ReadOnlySpan<byte> Finish(PooledBuffer text)
    {
        var json = MemoryMarshal.AsMemory(text.WrittenMemory).Span;
        json = json[..JsonEscapes.Normalize(json)];
        if (MemberOrder.MayHaveIndexes(json))
        {
            MemberOrder.Apply(json);
        }

        return json;
    }

    private sealed class Scratch
    {
        public Scratch() => Writer = new Utf8JsonWriter(Text, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            SkipValidation = true,
        });

        public PooledBuffer Text { get; } = new();

        public Utf8JsonWriter Writer { get; }
    }
}
