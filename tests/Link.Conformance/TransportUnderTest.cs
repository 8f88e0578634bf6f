using Link.Abstractions;

namespace Link.Conformance;

/// <summary>
/// What a transport tells the suite about itself. One instance serves one test: the transports it makes reach each other by name,
/// and nothing of another test.
/// </summary>
public abstract class TransportUnderTest : IDisposable
{
    /// <summary>Names whose form the transport cannot express.</summary>
    public virtual IReadOnlyList<string> BadNames => [""];

    /// <summary>
    /// Whether a transport has one connection to each peer, which every dial gives: then who needs two dials two peers, or from two transports.
    /// </summary>
    public virtual bool OneConnectionPerPeer => false;

    /// <summary>Whether that connection is the same, whichever of the two dials.</summary>
    public virtual bool OneConnectionPerPair => false;

    /// <summary>Whether a dial ends with a handshake, during which the peer may go.</summary>
    public virtual bool ShakesHands => false;

    /// <summary>What <see cref="Peer.Endpoint"/> of a connection to this name must contain.</summary>
    public virtual string EndpointOf(string name) => name;

    /// <summary>What arrives of a payload: the same text, unless the protocol carries values and not their text.</summary>
    public virtual string Arriving(string json) => json;

    /// <summary>
    /// Called before the suite waits for the end of a connection whose other side has ended it. Where nothing but silence tells of the end,
    /// this is the time that must pass.
    /// </summary>
    public virtual void LetEndsBeNoticed()
    {
    }

    /// <summary>Makes a transport; the suite disposes it.</summary>
    public abstract ITransport Create(TransportBounds bounds);

    /// <summary>Removes what the test needed, after all its transports are disposed.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
