using System.Globalization;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets ipc-link over TCP join the suite.</summary>
public sealed class TcpUnderTest : EndpointUnderTest
{
    /// <inheritdoc/>
    protected override string MakeEndpoint(string name) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{FreePorts.Next()}");
}

public sealed class TcpBinding : BindingConformance<TcpUnderTest>;

public sealed class TcpDialling : DiallingConformance<TcpUnderTest>;

public sealed class TcpAccepting : AcceptingConformance<TcpUnderTest>;

public sealed class TcpWriting : WritingConformance<TcpUnderTest>;

public sealed class TcpReading : ReadingConformance<TcpUnderTest>;

public sealed class TcpEnding : EndingConformance<TcpUnderTest>;

public sealed class TcpEnvelopes : EnvelopeConformance<TcpUnderTest>;

public sealed class TcpDisposal : DisposalConformance<TcpUnderTest>;

public sealed class TcpLimits : LimitConformance<TcpUnderTest>;

public sealed class TcpTryReading : TryReadConformance<TcpUnderTest>;
