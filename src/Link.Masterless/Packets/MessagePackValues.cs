using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Masterless.MessagePack;
using Link.Streams;

namespace Link.Masterless.Packets;

/// <summary>MessagePack, as masterless-msgpack has it (SPEC.md, "masterless: MessagePack"). Immutable.</summary>
internal sealed class MessagePackValues : PacketFormat
{
    /// <summary>The member that tells the protocol's own packets from the application's.</summary>
    public static ReadOnlySpan<byte> OwnMember => "$masterless"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Heartbeat => """{"$masterless":{"heartbeat":true}}"""u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Keep(bool keeps, bool isLink = false) => (keeps, isLink) switch
    {
        (true, false) => """{"$masterless":{"keep":true}}"""u8,
        (false, false) => """{"$masterless":{"keep":false}}"""u8,
        (true, true) => """{"$masterless":{"keep":true,"link":true}}"""u8,
        (false, true) => """{"$masterless":{"keep":false,"link":true}}"""u8,
    };

    /// <inheritdoc/>
    public override IFrameCodec CreateCodec(StreamLimits limits, Func<Peer> peer) => new MessagePackCodec(limits, peer);

    /// <inheritdoc/>
    public override void Encode<TState>(PooledBuffer output, TState state, FrameEncoder<TState> encode)
    {
        using var json = new PooledBuffer();
        encode(json, state);
        JsonToMessagePack.Write(output, json.WrittenSpan);
    }

    /// <inheritdoc/>
    /// <remarks>The brace that opens an object in JSON is the number 123 here.</remarks>
    public override bool IsOfOtherFormat(ReadOnlySpan<byte> frame) => frame is [(byte)'{'];

    /// <inheritdoc/>
    public override Packet Read(ReadOnlySpan<byte> frame)
    {
        var json = MessagePackToJson.Read(frame);
        if (json.AsSpan().SequenceEqual("null"u8))
        {
            return new Packet(PacketKind.End);
        }

        return json.AsSpan().IndexOf("\"$masterless\":"u8) >= 0 && TryReadOwn(json, out var own) ? own : new Packet(PacketKind.Application, json);
    }

    /// <inheritdoc/>
    public override bool IsReserved(ReadOnlySpan<byte> json)
    {
        // An escape may hide the name; it is rare enough to look then.
        if (json.IndexOf(OwnMember) < 0 && !json.Contains((byte)'\\'))
        {
            return false;
        }

        var members = new JsonMembers(json, extraDepth: 1);
        for (var more = members.TryEnter(); more && members.Next();)
        {
            if (members.NameIs(OwnMember))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadOwn(ReadOnlySpan<byte> json, out Packet own)
    {
        own = default;
        var members = new JsonMembers(json, extraDepth: 2);
        for (var more = members.TryEnter(); more && members.Next();)
        {
            if (members.NameIs(OwnMember) && members.ValueType == JsonTokenType.StartObject && TryReadBody(json[members.Value], out own))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadBody(ReadOnlySpan<byte> body, out Packet own)
    {
        bool? keeps = null;
        var isLink = false;
        var isHeartbeat = false;
        var members = new JsonMembers(body, extraDepth: 2);
        for (members.TryEnter(); members.Next();)
        {
            var isTrue = Truth.Of(members.ValueType, Content(body[members.Value], members.ValueType));
            keeps = members.NameIs("keep"u8) ? isTrue : keeps;
            isLink |= members.NameIs("link"u8) && isTrue;
            isHeartbeat |= members.NameIs("heartbeat"u8) && isTrue;
        }

        own = keeps is { } keep ? new Packet(PacketKind.Keep, Keeps: keep, IsLink: isLink) : new Packet(PacketKind.Heartbeat);
        return keeps is not null || isHeartbeat;
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> value, JsonTokenType type) => type == JsonTokenType.String ? value[1..^1] : value;
}
