using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Masterless.Packets;

namespace Link.Masterless;

/// <summary>A packet of the application, encoded for the wire. The memory belongs to the pool: it is gone with the disposal.</summary>
internal sealed class OutgoingPacket : IDisposable
{
    private readonly PooledBuffer _wire = new();

    /// <summary>Encodes one.</summary>
    /// <exception cref="ArgumentException">It is no JSON object, or has a member that belongs to the protocol.</exception>
    /// <exception cref="LinkException">It cannot be written as JSON (<see cref="LinkError.InvalidData"/>).</exception>
    public OutgoingPacket(object packet, MeshOptions options)
    {
        ArgumentNullException.ThrowIfNull(packet);
        try
        {
            options.PacketFormat.Encode(_wire, (Packet: packet, Options: options), static (output, state) => Write(output, state.Packet, state.Options));
        }
        catch (JsonException exception)
        {
            _wire.Dispose();
            throw new LinkException(LinkError.InvalidData, $"The packet cannot be sent: {exception.Message}", innerException: exception);
        }
        catch
        {
            _wire.Dispose();
            throw;
        }
    }

    /// <summary>What goes on the wire, without what delimits it.</summary>
    public ReadOnlyMemory<byte> Wire => _wire.WrittenMemory;

    /// <inheritdoc/>
    public void Dispose() => _wire.Dispose();

    private static void Write(PooledBuffer output, object packet, MeshOptions options)
    {
        var start = output.Length;
        if (packet is not Payload payload)
        {
            options.Serializer.Serialize(output, packet);
        }
        else if (JsonText.IsValid(payload.Utf8.Span))
        {
            output.Write(payload.Utf8.Span);
        }
        else
        {
            throw new ArgumentException("The payload is not one strict JSON value.", nameof(packet));
        }

        ThrowIfNoPacket(output.WrittenSpan[start..], options.PacketFormat);
    }

    private static void ThrowIfNoPacket(ReadOnlySpan<byte> json, PacketFormat format)
    {
        if (json.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
        {
            throw new ArgumentException("A packet is a JSON object: anything else means something to the protocol, or nothing.", "packet");
        }

        if (format.IsReserved(json))
        {
            throw new ArgumentException("A packet in MessagePack must not have the member $masterless: it belongs to the protocol.", "packet");
        }
    }
}
