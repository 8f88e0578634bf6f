using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Masterless.Packets;

/// <summary>The members of a packet that count during a handshake (SPEC.md, "masterless: handshake").</summary>
internal readonly record struct HandshakePacket
{
    private const int LongestId = 256;
    private const int LongestInfo = 1024;

    /// <summary>The id of the sender: a text of 1 to 256 characters, or null.</summary>
    public string? Id { get; private init; }

    /// <summary>Where the sender listens, or null.</summary>
    public string? Info { get; private init; }

    /// <summary>How much the connector wants this connection, or null.</summary>
    public double? Priority { get; private init; }

    /// <summary>Whether the acceptor has chosen this connection.</summary>
    public bool Confirms { get; private init; }

    /// <summary>Whether it is a heartbeat, which means nothing yet.</summary>
    public bool IsHeartbeat { get; private init; }

    /// <summary>Reads what a peer sent; what is no handshake packet has no member.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static HandshakePacket Read(in Packet packet)
    {
        if (packet.Kind != PacketKind.Application)
        {
            return new HandshakePacket { IsHeartbeat = packet.Kind == PacketKind.Heartbeat };
        }

        var json = packet.Json.Span;
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The packet is not valid UTF-8.");
        }

        HandshakePacket read = default;
        var members = new JsonMembers(json);
        if (!members.TryEnter())
        {
            JsonMembers.RequireEnd(json);
            return default;
        }

        while (members.Next())
        {
            var value = json[members.Value];
            if (members.NameIs("id"u8))
            {
                read = read with { Id = Text(value, members.ValueType, LongestId) };
            }
            else if (members.NameIs("info"u8))
            {
                read = read with { Info = Text(value, members.ValueType, LongestInfo) };
            }
            else if (members.NameIs("priority"u8))
            {
                read = read with { Priority = members.ValueType == JsonTokenType.Number && Utf8Parser.TryParse(value, out double number, out _) ? number : null };
            }
            else if (members.NameIs("confirm"u8))
            {
                read = read with { Confirms = Truth.Of(members.ValueType, members.ValueType == JsonTokenType.String ? value[1..^1] : value) };
            }
        }

        return read;
    }

    /// <summary>The first packet of a connector.</summary>
    public static void WriteHello(PooledBuffer output, string id, string info)
    {
        output.Write("{\"id\":"u8);
        output.Write(JsonText.Quote(id));
        output.Write(",\"info\":"u8);
        output.Write(JsonText.Quote(info));
        output.Write("}"u8);
    }

    /// <summary>The answer of an acceptor.</summary>
    public static void WriteAnswer(PooledBuffer output, string id)
    {
        output.Write("{\"id\":"u8);
        output.Write(JsonText.Quote(id));
        output.Write("}"u8);
    }

    /// <summary>How much the connector wants this connection.</summary>
    public static void WritePriority(PooledBuffer output, double priority)
    {
        Span<byte> number = stackalloc byte[JavaScriptNumber.MaxLength];
        output.Write("{\"priority\":"u8);
        output.Write(number[..JavaScriptNumber.Format(priority, number)]);
        output.Write("}"u8);
    }

    /// <summary>The acceptor has chosen this connection.</summary>
    public static void WriteConfirm(PooledBuffer output) => output.Write("{\"confirm\":true}"u8);

    private static string? Text(ReadOnlySpan<byte> value, JsonTokenType type, int longest) =>
        type == JsonTokenType.String && JsonText.Unquote(value) is { Length: > 0 } text && text.Length <= longest ? text : null;
}
