using Link.Masterless;

namespace Link.Conformance;

/// <summary>Lets a mesh with MessagePack join the suite.</summary>
public sealed class MeshPackUnderTest() : MeshUnderTest(new MeshOptions { Format = MeshFormat.MessagePack })
{
    /// <inheritdoc/>
    /// <remarks>
    /// MessagePack has numbers and not their spelling; UTF-8, which has no half of a surrogate pair; and the original writes members that are whole numbers first,
    /// as JavaScript orders them.
    /// </remarks>
    public override string Arriving(string json) => json switch
    {
        """{"number":9007199254740993,"one":1.0,"large":1e21,"small":1e-7,"zero":-0}""" => """{"number":9007199254740993,"one":1,"large":1e+21,"small":1e-7,"zero":0}""",
        """{"lone":"\ud800"}""" => "{\"lone\":\"\ufffd\"}",
        """{"b":1,"a":2,"10":3,"a":4}""" => """{"10":3,"b":1,"a":2,"a":4}""",
        _ => json,
    };
}

public sealed class MeshPackBinding : BindingConformance<MeshPackUnderTest>;

public sealed class MeshPackDialling : DiallingConformance<MeshPackUnderTest>;

public sealed class MeshPackAccepting : AcceptingConformance<MeshPackUnderTest>;

public sealed class MeshPackWriting : WritingConformance<MeshPackUnderTest>;

public sealed class MeshPackReading : ReadingConformance<MeshPackUnderTest>;

public sealed class MeshPackEnding : EndingConformance<MeshPackUnderTest>;

public sealed class MeshPackEnvelopes : EnvelopeConformance<MeshPackUnderTest>;

public sealed class MeshPackDisposal : DisposalConformance<MeshPackUnderTest>;

public sealed class MeshPackLimits : LimitConformance<MeshPackUnderTest>;

public sealed class MeshPackTryReading : TryReadConformance<MeshPackUnderTest>;
