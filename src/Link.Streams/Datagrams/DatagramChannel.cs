using Link.Abstractions;

namespace Link.Streams.Datagrams;

/// <summary>Stub.</summary>
public sealed class DatagramChannel : IFrameChannel
{
    /// <summary>Who is at the other end.</summary>
    public Peer Peer => throw new NotSupportedException();

    /// <inheritdoc/>
    public bool FramesStandAlone => true;

    /// <inheritdoc/>
    public bool TryRead(out ReadOnlyMemory<byte> frame) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask<bool> FillAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Fail(Exception cause) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
