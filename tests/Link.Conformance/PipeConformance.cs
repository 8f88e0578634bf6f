namespace Link.Conformance;

/// <summary>Lets ipc-link over named pipes join the suite; where there are none, .NET makes them of Unix sockets.</summary>
public sealed class PipeUnderTest : EndpointUnderTest
{
    /// <inheritdoc/>
    protected override string MakeEndpoint(string name) => $"pipe:{name}";
}

public sealed class PipeBinding : BindingConformance<PipeUnderTest>;

public sealed class PipeDialling : DiallingConformance<PipeUnderTest>;

public sealed class PipeAccepting : AcceptingConformance<PipeUnderTest>;

public sealed class PipeWriting : WritingConformance<PipeUnderTest>;

public sealed class PipeReading : ReadingConformance<PipeUnderTest>;

public sealed class PipeEnding : EndingConformance<PipeUnderTest>;

public sealed class PipeEnvelopes : EnvelopeConformance<PipeUnderTest>;

public sealed class PipeDisposal : DisposalConformance<PipeUnderTest>;

public sealed class PipeLimits : LimitConformance<PipeUnderTest>;

public sealed class PipeTryReading : TryReadConformance<PipeUnderTest>;
