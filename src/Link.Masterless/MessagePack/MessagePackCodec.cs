using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Masterless.MessagePack;

/// <summary>MessagePack values one behind the other, with nothing between them. One for each channel: it remembers how far the reader has come.</summary>
/// <param name="limits">The bounds: a value that announces more is refused before its bytes are there.</param>
/// <param name="peer">Tells who is at the other end, for error texts.</param>
internal sealed class MessagePackCodec(StreamLimits limits, Func<Peer> peer) : IFrameCodec
{
    /// <summary>How many elements are still to come in each array or map that is open.</summary>
    private readonly int[] _open = new int[MessagePackHead.MaxDepth];
    private int _depth;

    /// <summary>Where the next element begins; beyond what was received while a body is on its way.</summary>
    private long _next;

    /// <summary>How many elements are still to come in all: the value itself, before it begins.</summary>
    private long _missing;

    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed)
    {
        if (examined == 0)
        {
            _depth = 0;
            _next = 0;
            _missing = 1;
        }

        while (_missing > 0 && _next < buffer.Length && MessagePackHead.TryRead(buffer[(int)_next..], out var head))
        {
            Pass(head);
        }

        var isWhole = _missing == 0 && _next <= buffer.Length;
        consumed = isWhole ? (int)_next : 0;
        frame = ..consumed;
        return isWhole;
    }

    /// <inheritdoc/>
    public void EndFrame(PooledBuffer output, int start)
    {
    }

    private void Pass(MessagePackHead head)
    {
        _next += head.Length;
        _missing--;
        switch (head.Kind)
        {
            case MessagePackKind.Array:
                Enter(head.Size);
                break;
            case MessagePackKind.Map:
                Enter(2L * head.Size);
                break;
            case MessagePackKind.Never:
                throw Refused(LinkError.ProtocolViolation, "sent bytes that are no MessagePack");
            default:
                _next += head.Size;
                Leave();
                break;
        }

        // Whatever an element is, it takes a byte.
        if (_next + _missing > limits.MaxFrameBytes)
        {
            throw TooLarge();
        }
    }

    private void Enter(long elements)
    {
        if (_depth == MessagePackHead.MaxDepth)
        {
            throw Refused(LinkError.ProtocolViolation, $"sent a MessagePack value of more than {MessagePackHead.MaxDepth} levels");
        }

        if (elements > limits.MaxFrameBytes)
        {
            throw TooLarge();
        }

        _missing += elements;
        if (elements == 0)
        {
            Leave();
        }
        else
        {
            _open[_depth++] = (int)elements;
        }
    }

    /// <summary>An element ends, and with it whatever it was the last of.</summary>
    private void Leave()
    {
        while (_depth > 0 && --_open[_depth - 1] == 0)
        {
            _depth--;
        }
    }

    private LinkException TooLarge() => Refused(LinkError.TooLarge, $"announced a frame larger than the limit of {limits.MaxFrameBytes} bytes");

    private LinkException Refused(LinkError error, string what)
    {
        var sender = peer();
        return new LinkException(error, $"{sender} {what}; the connection is closed.", RequestFate.Unknown, sender);
    }
}
