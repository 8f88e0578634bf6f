using Link.Abstractions;

namespace Link.Flic;

/// <summary>What a node sends while it is being connected, in its order and within bounds. Not safe for concurrent use.</summary>
/// <param name="maxFrames">How many.</param>
/// <param name="maxBytes">How many bytes.</param>
internal sealed class UnsentFrames(int maxFrames, long maxBytes)
{
    private readonly Queue<NodeFrame> _frames = new();
    private long _bytes;

    /// <summary>Keeps one.</summary>
    /// <exception cref="LinkException">A bound is reached (<see cref="LinkError.Overloaded"/>).</exception>
    public void Add(NodeFrame frame)
    {
        if (_frames.Count >= maxFrames || _bytes + frame.Bytes > maxBytes)
        {
            throw new LinkException(LinkError.Overloaded, $"The node is not connected yet, and {_frames.Count} frames wait for that already.");
        }

        _bytes += frame.Bytes;
        _frames.Enqueue(frame);
    }

    /// <summary>Sends all of them, except those whose answer nobody waits for any more.</summary>
    public void WriteTo(NodeLink link, PendingTells pending)
    {
        foreach (var frame in _frames)
        {
            if (frame.Tell is { Task.IsCompleted: true })
            {
                continue;
            }

            try
            {
                frame.WriteTo(link);
            }
            catch (LinkException exception)
            {
                frame.Sent?.TrySetException(exception);
                if (frame.Tell is { } tell && pending.Take(tell.Id) is not null)
                {
                    tell.TrySetException(exception);
                }
            }
        }
    }

    /// <summary>Fails those that only wait to be sent.</summary>
    public void Fail(LinkException cause)
    {
        foreach (var frame in _frames)
        {
            frame.Sent?.TrySetException(cause.For(RequestFate.NotSent));
        }
    }
}
