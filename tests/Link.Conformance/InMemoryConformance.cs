using Link.Abstractions;
using Link.InMemory;

namespace Link.Conformance;

/// <summary>Lets the in-memory transport join the suite.</summary>
public sealed class InMemoryUnderTest : TransportUnderTest
{
    private readonly InMemoryNetwork _network = new();

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new InMemoryTransport(_network, new InMemoryOptions
    {
        MaxFrameBytes = bounds.MaxFrameBytes,
        BacklogBytes = bounds.BacklogBytes,
        MaxConnections = bounds.MaxConnections,
    });
}

public sealed class InMemoryBinding : BindingConformance<InMemoryUnderTest>;

public sealed class InMemoryDialling : DiallingConformance<InMemoryUnderTest>;

public sealed class InMemoryAccepting : AcceptingConformance<InMemoryUnderTest>;

public sealed class InMemoryWriting : WritingConformance<InMemoryUnderTest>;

public sealed class InMemoryReading : ReadingConformance<InMemoryUnderTest>;

public sealed class InMemoryEnding : EndingConformance<InMemoryUnderTest>;

public sealed class InMemoryEnvelopes : EnvelopeConformance<InMemoryUnderTest>;

public sealed class InMemoryDisposal : DisposalConformance<InMemoryUnderTest>;

public sealed class InMemoryLimits : LimitConformance<InMemoryUnderTest>;

public sealed class InMemoryTryReading : TryReadConformance<InMemoryUnderTest>;
