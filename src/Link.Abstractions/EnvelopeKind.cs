namespace Link.Abstractions;

/// <summary>What an <see cref="Envelope"/> is: a question, its answer, or neither.</summary>
public enum EnvelopeKind : byte
{
    /// <summary>A request: it has an id (unless a foreign peer left it out) and expects one reply.</summary>
    Request,

    /// <summary>The reply to the request with the same id, on the same connection.</summary>
    Reply,

    /// <summary>A one-way message: nobody waits for an answer.</summary>
    Event,
}
