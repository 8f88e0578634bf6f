using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Json;
using Newtonsoft.Json.Linq;

namespace Link;

/// <summary>
/// The answer to a request: the whole reply object, <c>success</c> and <c>id</c> included (SPEC.md, Two.7). Parsed where it is looked at,
/// not before. Safe for concurrent reading.
/// </summary>
public sealed class Reply
{
    // An array that is nothing but the JSON, as most are, or a boxed payload: replies are many, and every word of theirs counts.
    private readonly object _json;
    private readonly IPayloadSerializer _serializer;
    private JToken? _data;

    internal Reply(Payload payload, IPayloadSerializer serializer)
    {
        _json = MemoryMarshal.TryGetArray(payload.Utf8, out var segment) && segment.Count == segment.Array!.Length ? segment.Array : payload;
        _serializer = serializer;
    }

    /// <summary>The id of the request it answers, or null when the peer sent none.</summary>
    public string? Id => Member("id"u8) is { IsEmpty: false } id ? RequestId.FromJson(id).ToString() : null;

    /// <summary>True when <c>success</c> is exactly <c>true</c>.</summary>
    public bool Success => Member("success"u8).Span.SequenceEqual("true"u8);

    /// <summary>The whole reply object as a token; parsed once.</summary>
    /// <exception cref="LinkException">It cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken Data => _data ??= Payload.AsToken();

    /// <summary>The whole reply object as unparsed JSON.</summary>
    public Payload Payload => _json is byte[] array ? new Payload(array) : (Payload)_json;

    /// <summary>
    /// A member of the reply object, or null when it has none of that name. Only this member is converted, anew each time, unless
    /// <see cref="Data"/> has been read before.
    /// </summary>
    /// <exception cref="LinkException">The reply cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken? this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return _data is { } whole ? whole[name] : Member(Encoding.UTF8.GetBytes(name)) is { IsEmpty: false } json ? new Payload(json).AsToken() : null;
        }
    }

    /// <summary>Converts the reply object with the server's serializer. Each call converts anew.</summary>
    /// <exception cref="LinkException">It does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>() => Payload.As<T>(_serializer);

    /// <summary>The JSON text of the reply object.</summary>
    public override string ToString() => Payload.ToString();

    private ReadOnlyMemory<byte> Member(ReadOnlySpan<byte> name)
    {
        ReadOnlyMemory<byte> value = default;
        var json = Payload.Utf8;
        try
        {
            var members = new JsonMembers(json.Span, extraDepth: 1);
            for (var more = members.TryEnter() && members.Next(); more; more = members.Next())
            {
                if (members.NameIs(name))
                {
                    value = json[members.Value];
                }
            }
        }
        catch (JsonException exception)
        {
            throw new LinkException(LinkError.InvalidData, $"The reply is not JSON: {exception.Message}", RequestFate.Unknown, innerException: exception);
        }

        return value;
    }
}
