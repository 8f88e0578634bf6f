using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets ipc-link over Unix sockets join the suite.</summary>
public sealed class NodeIpcUnderTest : TransportUnderTest
{
    private readonly SocketDirectory _directory = new();

    /// <inheritdoc/>
    public override IReadOnlyList<string> BadNames => ["", "a/b", "nul\0", new string('x', 108)];

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new NodeIpcTransport(new NodeIpcOptions
    {
        SocketRoot = _directory.Path,
        MaxConnections = bounds.MaxConnections,
        Limits = new StreamLimits { MaxFrameBytes = bounds.MaxFrameBytes, OutboundBacklogBytes = bounds.BacklogBytes },
    });

    /// <inheritdoc/>
    public override void Dispose()
    {
        _directory.Dispose();
        base.Dispose();
    }
}

public sealed class NodeIpcBinding : BindingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcDialling : DiallingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcAccepting : AcceptingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcWriting : WritingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcReading : ReadingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcEnding : EndingConformance<NodeIpcUnderTest>;

public sealed class NodeIpcEnvelopes : EnvelopeConformance<NodeIpcUnderTest>;

public sealed class NodeIpcDisposal : DisposalConformance<NodeIpcUnderTest>;

public sealed class NodeIpcLimits : LimitConformance<NodeIpcUnderTest>;

public sealed class NodeIpcTryReading : TryReadConformance<NodeIpcUnderTest>;
