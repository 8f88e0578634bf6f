namespace Link.Abstractions;

/// <summary>The one exception type of Link: what went wrong, with whom, and whether the request may have run.</summary>
/// <param name="error">The cause.</param>
/// <param name="message">The cause in words, naming the peer where there is one.</param>
/// <param name="fate">Whether the request may have run; <see cref="RequestFate.NotSent"/> unless said.</param>
/// <param name="peer">The peer it concerns, or null.</param>
/// <param name="innerException">The exception below, or null.</param>
public sealed class LinkException(
    LinkError error,
    string message,
    RequestFate fate = RequestFate.NotSent,
    Peer? peer = null,
    Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The cause.</summary>
    public LinkError Error { get; } = error;

    /// <summary>Whether the request may have run.</summary>
    public RequestFate Fate { get; } = fate;

    /// <summary>The peer it concerns, or null.</summary>
    public Peer? Peer { get; } = peer;

    /// <summary>The error and the fate, then what every exception tells.</summary>
    public override string ToString() => $"{Error}, {Fate}: {base.ToString()}";

    /// <summary>The same failure as seen by one request: another fate, this exception as the inner one.</summary>
    public LinkException For(RequestFate requestFate) =>
        new(Error, Message, requestFate, Peer, this);
}
