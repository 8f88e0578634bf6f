namespace Link.Abstractions;

/// <summary>One message as the correlation layer sees it, whatever protocol carries it. Immutable; safe to share.</summary>
public readonly record struct Envelope
{
    /// <summary>Request, reply or event.</summary>
    public EnvelopeKind Kind { get; init; }

    /// <summary>The id that joins a reply to its request; missing when a foreign peer sent none.</summary>
    public RequestId Id { get; init; }

    /// <summary>The event name a protocol uses, or null where it has only one. Data from the peer: never an identity.</summary>
    public string? Type { get; init; }

    /// <summary>The name the sender wrote (<c>sentBy</c> of ipc-link), or null. Data from the peer: never an identity.</summary>
    public string? From { get; init; }

    /// <summary>The name the envelope is for, where several peers share one connection; otherwise null.</summary>
    public string? To { get; init; }

    /// <summary>For a reply: true when its <c>success</c> is exactly <c>true</c>.</summary>
    public bool Success { get; init; }

    /// <summary>
    /// For a reply that is none: why this request alone failed, where the protocol tells, with its fate; there is no payload then. Otherwise null.
    /// </summary>
    public LinkException? Failure { get; init; }

    /// <summary>
    /// The JSON carried. Of a request: its data. Of a reply: the whole reply object, <c>success</c> and <c>id</c> included.
    /// </summary>
    public Payload Payload { get; init; }
}
