using Link.Abstractions.Json;
using Newtonsoft.Json.Linq;

namespace Link.Abstractions;

/// <summary>
/// UTF-8 JSON that nobody has parsed yet. Conversion happens where <see cref="As{T}"/> or <see cref="AsToken"/> is called,
/// on the caller's thread. A default <see cref="Payload"/> is empty: there is no value, not even <c>null</c>.
/// Immutable; safe for concurrent use as long as the bytes behind it are left alone.
/// </summary>
/// <param name="utf8">One complete JSON value, without a byte order mark. Not copied and not checked here.</param>
public readonly struct Payload(ReadOnlyMemory<byte> utf8)
{
    /// <summary>The JSON text in UTF-8; empty when there is no value.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    /// <summary>True when there is no value at all.</summary>
    public bool IsEmpty => Utf8.IsEmpty;

    /// <summary>Makes a payload of JSON text.</summary>
    /// <param name="json">One complete JSON value.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is not one strict JSON value at most 64 levels deep.</exception>
    public static Payload FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var utf8 = System.Text.Encoding.UTF8.GetBytes(json);
        return JsonText.IsValid(utf8) ? new Payload(utf8) : throw new ArgumentException("The text is not one strict JSON value.", nameof(json));
    }

    /// <summary>Converts the JSON to <typeparamref name="T"/>. Each call converts anew.</summary>
    /// <param name="serializer">What converts; null for <see cref="NewtonsoftSerializer.Default"/>.</param>
    /// <exception cref="LinkException">The JSON does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>(IPayloadSerializer? serializer = null) =>
        IsEmpty ? default : (serializer ?? NewtonsoftSerializer.Default).Deserialize<T>(Utf8);

    /// <summary>Converts the JSON to a token; an empty payload gives an undefined value. Each call converts anew.</summary>
    /// <exception cref="LinkException">The JSON cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken AsToken() => IsEmpty ? JValue.CreateUndefined() : NewtonsoftSerializer.Default.Deserialize<JToken>(Utf8) ?? JValue.CreateNull();

    /// <summary>The JSON text.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Utf8.Span);
}
