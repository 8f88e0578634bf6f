using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions;
using Link.Abstractions.Json;
using Link.NodeIpc.Frames;

namespace Link.NodeIpc;

/// <summary>What became of a frame.</summary>
internal enum DecodeResult
{
    /// <summary>An envelope came out.</summary>
    Envelope,

    /// <summary>Nothing for ipc-link, and nothing wrong: an empty frame or a type of somebody else's.</summary>
    Ignored,

    /// <summary>A proper frame that is no ipc-link message.</summary>
    Dropped,
}

/// <summary>
/// Reads frames as ipc-link means them (SPEC.md, Two.2, OneAgain.1-2 and "Frames"): on a dialled connection a message is a reply,
/// on an accepted one a request. Belongs to one connection's reader.
/// </summary>
/// <param name="dialled">Whether this process dialled.</param>
internal sealed class IpcLinkDecoder(bool dialled)
{
    private const int SmallMessageBytes = 1024;

    // Kept as long as the connection: a peer must not decide how much that is.
    private const int LongestKeptSender = 256;

    private byte[] _lastSenderText = [];
    private string? _lastSender;

    /// <summary>Decodes the content of one frame.</summary>
    /// <param name="frame">The content; nothing of it is kept.</param>
    /// <param name="envelope">The envelope; its memory is its own.</param>
    /// <param name="problem">For a dropped frame, why.</param>
    /// <exception cref="JsonException">The frame is malformed: the connection is to be closed.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> frame, out Envelope envelope, out string problem)
    {
        envelope = default;
        problem = "";
        if (frame.IsEmpty)
        {
            return DecodeResult.Ignored;
        }

        if (!Utf8.IsValid(frame))
        {
            throw new JsonException("The frame is not valid UTF-8.");
        }

        if (!TryUsualForm(frame, out var message))
        {
            var result = AnyForm(frame, out message, out problem);
            if (result != DecodeResult.Envelope)
            {
                return result;
            }
        }

        try
        {
            if (TryReadMessage(message, out envelope))
            {
                return DecodeResult.Envelope;
            }

            problem = "its text is JSON but no object";
        }
        catch (JsonException exception)
        {
            problem = $"its text is not JSON ({exception.Message})";
        }

        return DecodeResult.Dropped;
    }

    private static bool TryUsualForm(ReadOnlySpan<byte> frame, out ReadOnlyMemory<byte> message)
    {
        message = default;
        var usualStart = "{\"type\":\"message\",\"data\":\""u8;
        if (!frame.StartsWith(usualStart))
        {
            return false;
        }

        var content = frame[usualStart.Length..];
        return TryUnescape(content, out message, out var read) && content[read..].SequenceEqual("\"}"u8);
    }

    private static DecodeResult AnyForm(ReadOnlySpan<byte> frame, out ReadOnlyMemory<byte> message, out string problem)
    {
        message = default;
        problem = "it is no object with a type";
        if (!TypedFrame.TryRead(frame, extraDepth: 0, out var members) || members.TypeKind != JsonTokenType.String)
        {
            return DecodeResult.Dropped;
        }

        if (JsonText.Unquote(frame[members.Type]) != "message")
        {
            return DecodeResult.Ignored;
        }

        problem = "its data is no string";
        return members.DataKind == JsonTokenType.String && TryUnescape(frame[members.Data][1..], out message, out _)
            ? DecodeResult.Envelope
            : DecodeResult.Dropped;
    }

    private static bool TryUnescape(ReadOnlySpan<byte> content, out ReadOnlyMemory<byte> message, out int read)
    {
        if (content.Length <= SmallMessageBytes)
        {
            Span<byte> scratch = stackalloc byte[SmallMessageBytes];
            var ended = JsonText.TryUnescape(content, scratch, out read, out var length);
            message = ended ? scratch[..length].ToArray() : default(ReadOnlyMemory<byte>);
            return ended;
        }

        var target = GC.AllocateUninitializedArray<byte>(content.Length);
        var complete = JsonText.TryUnescape(content, target, out read, out var written);
        message = target.AsMemory(0, written);
        return complete;
    }

    private bool TryReadMessage(ReadOnlyMemory<byte> message, out Envelope envelope)
    {
        envelope = default;
        var members = new JsonMembers(message.Span, extraDepth: 1);
        if (!members.TryEnter())
        {
            JsonMembers.RequireEnd(message.Span, extraDepth: 1);
            return false;
        }

        RequestId id = default;
        ReadOnlyMemory<byte> data = default;
        string? from = null;
        var success = false;
        while (members.Next())
        {
            if (members.NameIs("id"u8))
            {
                id = RequestId.FromJson(message[members.Value]);
            }
            else if (dialled && members.NameIs("success"u8))
            {
                success = members.ValueType == JsonTokenType.True;
            }
            else if (!dialled && members.NameIs("data"u8))
            {
                data = message[members.Value];
            }
            else if (!dialled && members.NameIs("sentBy"u8))
            {
                from = members.ValueType == JsonTokenType.String ? Sender(message.Span[members.Value]) : null;
            }
        }

        envelope = dialled
            ? new Envelope { Kind = EnvelopeKind.Reply, Id = id, Success = success, Payload = new Payload(message) }
            : new Envelope { Kind = EnvelopeKind.Request, Id = id, From = from, Payload = new Payload(data) };
        return true;
    }

    private string Sender(ReadOnlySpan<byte> quoted)
    {
        if (quoted.Length > LongestKeptSender)
        {
            return JsonText.Unquote(quoted);
        }

        if (_lastSender is null || !quoted.SequenceEqual(_lastSenderText))
        {
            _lastSender = JsonText.Unquote(quoted);
            _lastSenderText = quoted.ToArray();
        }

        return _lastSender;
    }
}
