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

    /// <summary>What the endpoint of a peer dialled by this name must contain.</summary>
    public virtual string EndpointOf(string name) => name;

    /// <summary>Makes a transport; the suite disposes it.</summary>
    public abstract ITransport Create(TransportBounds bounds);

    /// <summary>Removes what the test needed, after all its transports are disposed.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
