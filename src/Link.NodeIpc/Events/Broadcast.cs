using Link.Abstractions;

namespace Link.NodeIpc.Events;

/// <summary>Sends one frame on many connections, none of which holds up the others.</summary>
internal static class Broadcast
{
    /// <summary>Sends; a connection that has no room is cut.</summary>
    /// <param name="sockets">Where.</param>
    /// <param name="content">The content of the frame.</param>
    /// <param name="report">Told of connections that carry nothing so large.</param>
    /// <returns>How many accepted it.</returns>
    public static async Task<int> SendAsync(IEnumerable<IpcSocket> sockets, ReadOnlyMemory<byte> content, Action<LinkException> report)
    {
        var reached = 0;
        foreach (var socket in sockets)
        {
            try
            {
                await socket.SendAsync(content, CancellationToken.None).ConfigureAwait(false);
                reached++;
            }
            catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
            {
                socket.Cut(exception);
            }
            catch (LinkException exception) when (exception.Error != LinkError.ConnectionLost)
            {
                report(exception);
            }
            catch (LinkException)
            {
                // It has just ended, which has its own event.
            }
        }

        return reached;
    }
}
