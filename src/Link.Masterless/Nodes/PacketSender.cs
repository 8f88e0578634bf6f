using Link.Abstractions;

namespace Link.Masterless;

/// <summary>Sends the packets of a node. Safe for concurrent use.</summary>
/// <param name="others">To whom.</param>
/// <param name="reports">Told of what several receivers were sent and one of them did not get.</param>
/// <param name="options">The format and the bounds.</param>
internal sealed class PacketSender(Acquaintances others, NodeReports reports, MeshOptions options)
{
    // Longer than a handshake or an attempt to connect again takes: each has bounds of its own.
    private readonly TimeSpan _longestWait = 2 * (options.ConnectTimeout + options.HandshakeTimeout + options.HeartbeatInterval);

    /// <summary>As <see cref="MeshNode.SendAsync(string, object, CancellationToken)"/>.</summary>
    public async Task<bool> SendAsync(string id, object packet, CancellationToken cancellationToken)
    {
        Task? sent;
        using (var encoded = new OutgoingPacket(packet, options))
        {
            sent = Send(id, encoded.Wire, cancellationToken);
        }

        await (sent ?? Task.CompletedTask).ConfigureAwait(false);
        return sent is not null;
    }

    /// <summary>As <see cref="MeshNode.SendAsync(IEnumerable{string}, object, CancellationToken)"/>.</summary>
    public async Task<int> SendAsync(string[] ids, object packet, CancellationToken cancellationToken)
    {
        Task<bool>[] sent;
        using (var encoded = new OutgoingPacket(packet, options))
        {
            sent = Array.ConvertAll(ids, id => TrySendAsync(id, encoded.Wire, cancellationToken));
        }

        return (await Task.WhenAll(sent).ConfigureAwait(false)).Count(reached => reached);
    }

    private async Task<bool> TrySendAsync(string id, ReadOnlyMemory<byte> wire, CancellationToken cancellationToken)
    {
        try
        {
            if (Send(id, wire, cancellationToken) is not { } sent)
            {
                return false;
            }

            await sent.ConfigureAwait(false);
            return true;
        }
        catch (LinkException exception)
        {
            reports.Fault(exception, id);
            return false;
        }
    }

    /// <summary>Sends, or has the packet wait. Null when the node is not known.</summary>
    private Task? Send(string id, ReadOnlyMemory<byte> wire, CancellationToken cancellationToken)
    {
        PeerSession? broken = null;
        LinkException? cause = null;
        UnsentPacket? packet;
        while (others.Route(id, wire.Span, broken, cause, out packet) is { } session)
        {
            try
            {
                session.Link.WriteEncoded(wire);
                return Task.CompletedTask;
            }
            catch (LinkException exception) when (exception.Error is not (LinkError.TooLarge or LinkError.Overloaded))
            {
                // The connection is gone, which the node has not seen yet.
                (broken, cause) = (session, exception);
            }
        }

        return packet?.WaitAsync(_longestWait, options.TimeProvider, () => others.Withdraw(id, packet), cancellationToken);
    }
}
