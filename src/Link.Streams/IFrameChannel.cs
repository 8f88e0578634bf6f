namespace Link.Streams;

/// <summary>
/// Frames both ways between this process and one peer. One reader at a time, any number of writers; disposal may come at any time.
/// Dead once closed.
/// </summary>
public interface IFrameChannel : IAsyncDisposable
{
    /// <summary>
    /// True when every frame stands alone, as in a datagram: what is wrong with one says nothing about the next, so that a
    /// malformed frame is no reason to close the channel.
    /// </summary>
    bool FramesStandAlone { get; }

    /// <summary>Passes over what came together with the frame read last, where frames stand alone: whoever sent one that is wrong has sent enough.</summary>
    void DropRest()
    {
    }

    /// <summary>Somebody waits for an answer: where peers come and go without a word, such a channel is kept.</summary>
    void Asked()
    {
    }

    /// <summary>One answer fewer is waited for.</summary>
    void Answered()
    {
    }

    /// <summary>Takes the next whole frame that has already been received.</summary>
    /// <param name="frame">The content; valid until the next call of this method or of <see cref="FillAsync"/>.</param>
    /// <returns>False when <see cref="FillAsync"/> is needed first.</returns>
    /// <exception cref="Abstractions.LinkException">The frame is larger than the limit; the channel is closed.</exception>
    bool TryRead(out ReadOnlyMemory<byte> frame);

    /// <summary>Receives more bytes. To be called only when <see cref="TryRead"/> found no frame.</summary>
    /// <returns>False at a clean end, and after disposal.</returns>
    /// <exception cref="Abstractions.LinkException">The channel broke, ended inside a frame, or a bound ran out; it is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    ValueTask<bool> FillAsync(CancellationToken cancellationToken = default);

    /// <summary>Hands over one frame for sending, whole or not at all.</summary>
    /// <param name="state">What to encode.</param>
    /// <param name="encode">Writes the content; called before this method returns.</param>
    /// <param name="more">True when sending may wait for the next write or for <see cref="Flush"/>.</param>
    /// <exception cref="Abstractions.LinkException">
    /// <see cref="Abstractions.LinkError.TooLarge"/>, <see cref="Abstractions.LinkError.Overloaded"/> or
    /// <see cref="Abstractions.LinkError.ConnectionLost"/>; nothing was sent.
    /// </exception>
    void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false);

    /// <summary>Starts sending what writes with <c>more</c> left behind.</summary>
    void Flush();

    /// <summary>Closes the channel because of an error found above it; the first cause given stays.</summary>
    void Fail(Exception cause);
}
