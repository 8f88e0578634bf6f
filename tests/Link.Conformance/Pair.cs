using Link.Abstractions;

namespace Link.Conformance;

/// <summary>Which end of a connection writes in a test that runs both ways.</summary>
public enum Writer
{
    /// <summary>The end that dialled.</summary>
    Dialler,

    /// <summary>The end that accepted.</summary>
    Acceptor,
}

/// <summary>Two transports and the two ends of one connection between them.</summary>
public sealed record Pair(ITransport Dialler, ITransport Acceptor, string Name, IConnection Dialled, IConnection Accepted)
{
    /// <summary>The writing end and the reading end.</summary>
    public (IConnection Writing, IConnection Reading) Ends(Writer writer) =>
        writer == Writer.Dialler ? (Dialled, Accepted) : (Accepted, Dialled);
}
