using System.Text.Json;
using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>Reads one connection of a bridge to its end.</summary>
internal sealed class BridgeReader(BridgeNode node, Switchboard switchboard)
{
    // So much, and others have their turn: a frame read or written counts one, a system call more.
    private const int WorkPerTurn = 128;
    private const int WorkPerFill = 16;

    private int _work;

    /// <summary>Reads until the connection has ended.</summary>
    /// <returns>Why it ended; null at a clean end.</returns>
    public async Task<LinkException?> RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
            return null;
        }
        catch (LinkException exception)
        {
            return exception;
        }
        catch (Exception exception)
        {
            // Not known to happen; but whoever waits for the end must hear of it.
            return new LinkException(
                LinkError.ConnectionLost, $"Reading from {node.Peer} failed: {exception.Message}", RequestFate.Unknown, node.Peer, exception);
        }
        finally
        {
            node.FlushWritten();
        }
    }

    private async Task ReadAsync()
    {
        while (await node.FillAsync().ConfigureAwait(false))
        {
            _work += WorkPerFill;
            await EndTurnAsync().ConfigureAwait(false);
            while (node.TryRead(out var content))
            {
                Take(content);
                _work += 1 + node.Writes;
                node.Writes = 0;
                await EndTurnAsync().ConfigureAwait(false);
            }

            node.FlushWritten();
        }
    }

    private async ValueTask EndTurnAsync()
    {
        if (_work >= WorkPerTurn)
        {
            // A node that floods must not keep the thread from everybody else.
            _work = 0;
            node.FlushWritten();
            await Task.Yield();
        }
    }

    private void Take(ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        if (!TryParse(content, out var frame))
        {
            switchboard.Drop(node, "it is no object");
        }
        else if (!switchboard.MustWait(node, frame.Method))
        {
            switchboard.Take(node, frame);
            TakeHeld();
        }
        else if (!node.Held.TryAdd(content))
        {
            switchboard.Refuse(node, frame);
        }
    }

    private void TakeHeld()
    {
        if (node.Held.Count == 0 || node.State == NodeState.New)
        {
            return;
        }

        foreach (var held in node.Held.TakeAll())
        {
            FlicFrame.TryRead(held, out var frame);
            switchboard.Take(node, frame);
        }
    }

    private bool TryParse(ReadOnlyMemory<byte> content, out FlicFrame frame)
    {
        try
        {
            return FlicFrame.TryRead(content, out frame);
        }
        catch (JsonException exception)
        {
            var malformed = new LinkException(
                LinkError.ProtocolViolation,
                $"{node.Peer} sent a malformed frame ({exception.Message}); the connection is closed.",
                RequestFate.Unknown,
                node.Peer,
                exception);
            node.Fail(malformed);
            throw malformed;
        }
    }
}
