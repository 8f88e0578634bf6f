using Link.Abstractions;
using Link.Logging;

namespace Link.Masterless;

/// <summary>Packets that wait for the connection with one node, in order and within bounds. Its user has the lock.</summary>
/// <param name="max">How many.</param>
/// <param name="maxBytes">How many bytes.</param>
internal sealed class UnsentPackets(int max, long maxBytes)
{
    private readonly LinkedList<UnsentPacket> _packets = new();
    private long _bytes;

    /// <summary>Appends one; it is copied.</summary>
    /// <exception cref="LinkException">Too many wait already.</exception>
    public UnsentPacket Add(string id, ReadOnlySpan<byte> wire)
    {
        if (_packets.Count >= max || _bytes + wire.Length > maxBytes)
        {
            throw new LinkException(
                LinkError.Overloaded, $"The packet was not sent: {_packets.Count} packets of {_bytes} bytes wait for the connection with {Shown.Text(id)} already.");
        }

        var packet = new UnsentPacket(wire.ToArray());
        _packets.AddLast(packet);
        _bytes += wire.Length;
        return packet;
    }

    /// <summary>Takes one back; false when it has been sent, or has failed.</summary>
    public bool Remove(UnsentPacket packet)
    {
        if (!_packets.Remove(packet))
        {
            return false;
        }

        _bytes -= packet.Wire.Length;
        return true;
    }

    /// <summary>Sends all. What one connection refuses, such as a packet that is too large, fails.</summary>
    public void WriteTo(MeshLink link)
    {
        foreach (var packet in _packets)
        {
            try
            {
                link.WriteEncoded(packet.Wire);
                packet.Succeed();
            }
            catch (LinkException exception)
            {
                packet.Fail(exception);
            }
        }

        Clear();
    }

    /// <summary>Fails all.</summary>
    public void Fail(LinkException cause)
    {
        foreach (var packet in _packets)
        {
            packet.Fail(cause.For(RequestFate.NotSent));
        }

        Clear();
    }

    private void Clear()
    {
        _packets.Clear();
        _bytes = 0;
    }
}
