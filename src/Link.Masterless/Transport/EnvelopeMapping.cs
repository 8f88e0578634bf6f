using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Masterless;

/// <summary>Envelopes as packets of a mesh (SPEC.md, "masterless: a Server over the mesh"). Immutable.</summary>
/// <param name="peerName">The name of the peer, which most of its requests are signed with; or null.</param>
internal sealed class EnvelopeMapping(string? peerName)
{
    private readonly byte[] _quotedName = peerName is null ? [] : JsonText.Quote(peerName);

    /// <summary>Appends the packet of an envelope.</summary>
    /// <param name="output">Where to append.</param>
    /// <param name="envelope">A request, or a reply: an object with <c>success</c>.</param>
    public static void Write(PooledBuffer output, Envelope envelope)
    {
        if (envelope.Kind == EnvelopeKind.Reply)
        {
            output.Write(envelope.Payload.Utf8.Span);
            return;
        }

        output.Write("{"u8);
        if (!envelope.Id.IsMissing)
        {
            output.Write("\"id\":"u8);
            output.Write(envelope.Id.Json.Span);
            output.Write(","u8);
        }

        if (envelope.From is not null)
        {
            output.Write("\"sentBy\":"u8);
            JsonText.WriteQuoted(output, envelope.From);
            output.Write(","u8);
        }

        output.Write("\"data\":"u8);
        output.Write(envelope.Payload.IsEmpty ? "{}"u8 : envelope.Payload.Utf8.Span);
        output.Write("}"u8);
    }

    /// <summary>Reads a packet; false when it is no object.</summary>
    /// <param name="packet">Its text; owned by the envelope from here on.</param>
    /// <param name="envelope">What it means.</param>
    /// <exception cref="JsonException">It is not strict JSON in UTF-8.</exception>
    public bool TryRead(ReadOnlyMemory<byte> packet, out Envelope envelope)
    {
        envelope = default;
        var json = packet.Span;
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The packet is not valid UTF-8.");
        }

        var members = new JsonMembers(json, extraDepth: 1);
        if (!members.TryEnter())
        {
            JsonMembers.RequireEnd(json, extraDepth: 1);
            return false;
        }

        RequestId id = default;
        ReadOnlyMemory<byte> data = default;
        string? from = null;
        bool? success = null;
        while (members.Next())
        {
            if (members.NameIs("id"u8))
            {
                id = RequestId.FromJson(packet[members.Value]);
            }
            else if (members.NameIs("success"u8))
            {
                success = members.ValueType == JsonTokenType.True;
            }
            else if (members.NameIs("data"u8))
            {
                data = packet[members.Value];
            }
            else if (members.NameIs("sentBy"u8))
            {
                from = members.ValueType == JsonTokenType.String ? Sender(json[members.Value]) : null;
            }
        }

        envelope = success is { } succeeded
            ? new Envelope { Kind = EnvelopeKind.Reply, Id = id, Success = succeeded, Payload = new Payload(packet) }
            : new Envelope { Kind = EnvelopeKind.Request, Id = id, From = from, Payload = new Payload(data) };
        return true;
    }

    private string Sender(ReadOnlySpan<byte> quoted) => quoted.SequenceEqual(_quotedName) ? peerName! : JsonText.Unquote(quoted);
}
