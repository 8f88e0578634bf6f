using System.Globalization;
using Link.Abstractions;
using Link.Masterless;
using Link.Streams;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets the nodes of a mesh join the suite: each test's names have ports of their own.</summary>
public abstract class MeshUnderTest : TransportUnderTest
{
    private readonly EndpointTable _table;
    private readonly MeshOptions _options;

    /// <summary>Makes the table of addresses.</summary>
    /// <param name="options">What is under test.</param>
    protected MeshUnderTest(MeshOptions options)
    {
        _options = options;
        var scheme = options.Tls is null ? "tcp" : "tls";
        _table = new EndpointTable(name => string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{FreePorts.Next()}"));
    }

    /// <inheritdoc/>
    public override bool OneConnectionPerPeer => true;

    /// <inheritdoc/>
    public override bool OneConnectionPerPair => true;

    /// <inheritdoc/>
    public override bool ShakesHands => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BadNames => ["", new string('x', 257), $"~{Guid.NewGuid():N}"];

    /// <inheritdoc/>
    public override string EndpointOf(string name) => _table[name];

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new MeshTransport(_options with
    {
        Peers = _table,
        MaxConnections = bounds.MaxConnections,
        Limits = new StreamLimits { MaxFrameBytes = bounds.MaxFrameBytes, OutboundBacklogBytes = bounds.BacklogBytes },
    });
}
