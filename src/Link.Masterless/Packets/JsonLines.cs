using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Streams;

namespace Link.Masterless.Packets;

/// <summary>Lines of JSON, as masterless has them (SPEC.md, "masterless: packets"). Immutable.</summary>
internal sealed class JsonLines : PacketFormat
{
    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Heartbeat => "true"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Keep(bool keeps, bool isLink = false) => (keeps, isLink) switch
    {
        (true, false) => "[true]"u8,
        (false, false) => "[false]"u8,
        (true, true) => "[true,\"link\"]"u8,
        (false, true) => "[false,\"link\"]"u8,
    };

    /// <inheritdoc/>
    public override IFrameCodec CreateCodec(StreamLimits limits, Func<Peer> peer) => new CrLfCodec(peer);

    /// <inheritdoc/>
    public override void Encode<TState>(PooledBuffer output, TState state, FrameEncoder<TState> encode)
    {
        var start = output.Length;
        encode(output, state);
        if (output.WrittenSpan[start..].IndexOf("\r\n"u8) >= 0)
        {
            JoinLines(output, start);
        }
    }

    /// <inheritdoc/>
    public override Packet Read(ReadOnlySpan<byte> frame)
    {
        var text = frame.Trim(" \t\r\n"u8);
        return text switch
        {
            [] => throw new JsonException("The line is empty."),
            [(byte)'[', ..] => ReadKeep(text),
            _ when text.SequenceEqual("true"u8) => new Packet(PacketKind.Heartbeat),
            _ when text.SequenceEqual("null"u8) => new Packet(PacketKind.End),
            _ => new Packet(PacketKind.Application, text.ToArray()),
        };
    }

    /// <summary>JSON holds a line end only as white space, where a blank does as well.</summary>
    private static void JoinLines(PooledBuffer output, int start)
    {
        ReadOnlySpan<byte> text = output.WrittenSpan[start..].ToArray();
        output.Truncate(start);
        foreach (var line in text.Split("\r\n"u8))
        {
            output.Write(text[line]);
            output.Write(" "u8);
        }
    }

    private static Packet ReadKeep(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        var keeps = false;
        var isLink = false;
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            keeps |= index == 0 && Truth.Of(reader.TokenType, reader.ValueSpan);
            isLink |= index == 1 && reader.TokenType == JsonTokenType.String && reader.ValueSpan.SequenceEqual("link"u8);
            reader.Skip();
        }

        // Nothing may follow; the reader finds it.
        reader.Read();
        return new Packet(PacketKind.Keep, Keeps: keeps, IsLink: isLink);
    }
}
