using System.Globalization;
using System.Text;
using Link.Abstractions;

namespace Link.Conformance;

/// <summary>Envelopes that the reading end may be sent, and the comparison of what arrived with what was sent.</summary>
internal static class Messages
{
    /// <summary>The n-th message: a request or a reply, in turn where the reader gets both.</summary>
    public static Envelope Numbered(IConnection reader, int number, int padding = 0)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        var id = RequestId.FromString("id" + text);
        var json = $$"""{"number":{{text}},"padding":"{{new string('x', padding)}}"}""";
        return GetsReply(reader, number) ? Reply(id, json) : Request(id, json);
    }

    /// <summary>A message with this id: a reply where the reader gets only those, otherwise a request.</summary>
    public static Envelope WithId(IConnection reader, RequestId id) =>
        reader.Flow == EnvelopeFlow.Replies ? Reply(id, "{}") : Request(id, "{}");

    /// <summary>A message that carries this JSON value.</summary>
    public static Envelope Carrying(IConnection reader, string json)
    {
        var id = RequestId.FromString("id");
        return reader.Flow == EnvelopeFlow.Replies ? Reply(id, json) : Request(id, json);
    }

    public static Envelope Request(RequestId id, string json) => new()
    {
        Kind = EnvelopeKind.Request,
        Id = id,
        From = "sender",
        Payload = new Payload(Encoding.UTF8.GetBytes(json)),
    };

    public static Envelope Reply(RequestId id, string json, string success = "true") => new()
    {
        Kind = EnvelopeKind.Reply,
        Id = id,
        Success = success == "true",
        Payload = new Payload(Encoding.UTF8.GetBytes(
            $$"""{"success":{{success}},"id":{{Encoding.UTF8.GetString(id.Json.Span)}},"response":{{json}}}""")),
    };

    /// <param name="sent">What was written.</param>
    /// <param name="received">What was read.</param>
    /// <param name="sender">Who wrote it: a protocol may name the sender itself.</param>
    public static void AssertEqual(Envelope sent, Envelope received, Peer? sender = null)
    {
        Assert.Equal(sent.Kind, received.Kind);
        Assert.Equal(sent.Id, received.Id);
        Assert.Equal(sent.Success, received.Success);
        Assert.True(
            sent.Payload.Utf8.Span.SequenceEqual(received.Payload.Utf8.Span),
            $"Sent {Shown(sent.Payload)}, received {Shown(received.Payload)}.");
        if (sent.Kind == EnvelopeKind.Request && received.From is not null && received.From != sender?.Name)
        {
            Assert.Equal(sent.From, received.From);
        }
    }

    public static bool Fits(EnvelopeFlow flow, EnvelopeKind kind) => flow switch
    {
        EnvelopeFlow.Requests => kind is EnvelopeKind.Request or EnvelopeKind.Event,
        EnvelopeFlow.Replies => kind == EnvelopeKind.Reply,
        _ => true,
    };

    private static bool GetsReply(IConnection reader, int number) =>
        reader.Flow == EnvelopeFlow.Replies || (reader.Flow == EnvelopeFlow.Both && number % 2 == 1);

    private static string Shown(Payload payload)
    {
        var text = payload.ToString();
        return text.Length > 200 ? string.Concat(text.AsSpan(0, 200), "...") : text;
    }
}
