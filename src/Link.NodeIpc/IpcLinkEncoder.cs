using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.NodeIpc;

/// <summary>
/// Writes an envelope as ipc-link does: JSON text inside a JSON string inside a node-ipc frame (SPEC.md, One.12-14, Two.7-9).
/// Belongs to one connection; runs under its writer's lock.
/// </summary>
internal sealed class IpcLinkEncoder
{
    private string? _lastSender;
    private byte[] _lastSenderText = [];

    /// <summary>Appends the content of the frame.</summary>
    public void Encode(PooledBuffer output, in Envelope envelope)
    {
        output.Write("{\"type\":\"message\",\"data\":\""u8);
        if (envelope.Kind == EnvelopeKind.Reply)
        {
            JsonText.Escape(envelope.Payload.Utf8.Span, output);
        }
        else
        {
            EncodeRequest(output, envelope);
        }

        output.Write("\"}"u8);
    }

    private void EncodeRequest(PooledBuffer output, in Envelope request)
    {
        var separator = "{"u8;
        if (!request.Id.IsMissing)
        {
            output.Write("{\\\"id\\\":"u8);
            JsonText.Escape(request.Id.Json.Span, output);
            separator = ","u8;
        }

        if (request.From is not null)
        {
            output.Write(separator);
            output.Write("\\\"sentBy\\\":"u8);
            output.Write(EscapedSender(request.From));
            separator = ","u8;
        }

        output.Write(separator);
        output.Write("\\\"data\\\":"u8);
        JsonText.Escape(request.Payload.IsEmpty ? "{}"u8 : request.Payload.Utf8.Span, output);
        output.Write("}"u8);
    }

    private byte[] EscapedSender(string sender)
    {
        if (!ReferenceEquals(sender, _lastSender))
        {
            using var text = new PooledBuffer();
            JsonText.Escape(JsonText.Quote(sender), text);
            _lastSenderText = text.WrittenSpan.ToArray();
            _lastSender = sender;
        }

        return _lastSenderText;
    }
}
