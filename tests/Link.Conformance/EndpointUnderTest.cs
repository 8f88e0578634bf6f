using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets ipc-link join the suite over endpoints of a table: each test's names have endpoints of their own.</summary>
public abstract class EndpointUnderTest : TransportUnderTest
{
    private readonly EndpointTable _table;

    /// <summary>Makes the table.</summary>
    protected EndpointUnderTest() => _table = new EndpointTable(name => name.Length == 0 ? null : MakeEndpoint(name));

    /// <inheritdoc/>
    public override string EndpointOf(string name) => _table[name];

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new NodeIpcTransport(Adjust(new NodeIpcOptions
    {
        Peers = _table,
        MaxConnections = bounds.MaxConnections,
        Limits = new StreamLimits { MaxFrameBytes = bounds.MaxFrameBytes, OutboundBacklogBytes = bounds.BacklogBytes },
    }));

    /// <summary>The endpoint of a new name.</summary>
    protected abstract string MakeEndpoint(string name);

    /// <summary>Further options.</summary>
    protected virtual NodeIpcOptions Adjust(NodeIpcOptions options) => options;
}
