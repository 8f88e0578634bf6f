using System.Text.Json;
using Link.Abstractions;
using Link.NodeIpc.Frames;

namespace Link.NodeIpc.Events;

/// <summary>Reads one connection to its end, and hands what comes to the pump; while that is full, it does not read.</summary>
internal sealed class SocketReader(IpcSocket socket, PeerChannel established, IpcEvents target, EventPump pump, IpcOptions options)
{
    private const int RoundsPerTurn = 4;

    /// <summary>Reads until the connection has ended and is closed.</summary>
    /// <returns>Why it ended; null at a clean end.</returns>
    public async Task<LinkException?> RunAsync()
    {
        var failure = await ReadAsync().ConfigureAwait(false);
        socket.End(failure);
        await established.Channel.DisposeAsync().ConfigureAwait(false);
        return failure;
    }

    private async Task<LinkException?> ReadAsync()
    {
        try
        {
            for (var rounds = 1; socket.IsOpen && await established.Channel.FillAsync().ConfigureAwait(false); rounds++)
            {
                while (socket.IsOpen && established.Channel.TryRead(out var frame))
                {
                    socket.OnReceived();
                    await (options.RawBuffer ? TakeRaw(frame) : Take(frame)).ConfigureAwait(false);
                }

                if (rounds % RoundsPerTurn == 0)
                {
                    // A peer that floods must not keep the thread from everybody else.
                    await Task.Yield();
                }
            }

            return socket.CutReason;
        }
        catch (LinkException exception)
        {
            return socket.CutReason ?? exception;
        }
        catch (Exception exception)
        {
            // Not known to happen; but whoever waits for the end must hear of it.
            return new LinkException(
                LinkError.ConnectionLost, $"Reading from {socket} failed: {exception.Message}", RequestFate.Unknown, socket.Peer, exception);
        }
    }

    private Task TakeRaw(ReadOnlyMemory<byte> chunk)
    {
        var bytes = chunk.ToArray();
        return pump.PostAsync(() => target.RaiseDataAsync(bytes, socket), bytes.Length);
    }

    private Task Take(ReadOnlyMemory<byte> frame)
    {
        if (frame.IsEmpty)
        {
            return Task.CompletedTask;
        }

        try
        {
            if (!EventFrame.TryRead(frame.Span, out var type, out var data))
            {
                return Drop("it is no object with a type");
            }

            if (IpcEvents.IsReserved(type))
            {
                return Drop($"its type '{type}' is the name of a local event");
            }

            var message = new IpcMessage(type, new Payload(frame[data].ToArray()), socket, options.Serializer);
            return pump.PostAsync(() => target.HandleAsync(message), frame.Length);
        }
        catch (JsonException exception) when (established.Channel.FramesStandAlone)
        {
            return Drop(exception.Message);
        }
        catch (JsonException exception)
        {
            var malformed = new LinkException(
                LinkError.ProtocolViolation,
                $"{socket} sent a malformed frame ({exception.Message}); the connection is closed.",
                RequestFate.Unknown,
                socket.Peer,
                exception);
            established.Channel.Fail(malformed);
            throw malformed;
        }
    }

    private Task Drop(string problem)
    {
        established.Channel.DropRest();
        var error = new LinkException(LinkError.ProtocolViolation, $"A frame from {socket} was dropped: {problem}.", peer: socket.Peer);
        return pump.PostAsync(() => target.RaiseErrorAsync(error, socket));
    }
}
