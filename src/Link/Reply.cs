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
    private readonly IPayloadSerializer _serializer;
    private JToken? _data;

    internal Reply(Payload payload, IPayloadSerializer serializer)
    {
        Payload = payload;
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
    public Payload Payload { get; }

    /// <summary>A member of the reply object, or null when it has none of that name.</summary>
    /// <exception cref="LinkException">The reply cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken? this[string name] => Data[name];

    /// <summary>Converts the reply object with the server's serializer. Each call converts anew.</summary>
    /// <exception cref="LinkException">It does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>() => Payload.As<T>(_serializer);

    /// <summary>The JSON text of the reply object.</summary>
    public override string ToString() => Payload.ToString();

    private ReadOnlyMemory<byte> Member(ReadOnlySpan<byte> name)
    {
        ReadOnlyMemory<byte> value = default;
        var members = new JsonMembers(Payload.Utf8.Span, extraDepth: 1);
        if (members.TryEnter())
        {
            while (members.Next())
            {
                if (members.NameIs(name))
                {
                    value = Payload.Utf8[members.Value];
                }
            }
        }

        return value;
    }
}
