using Link.Masterless;

namespace Link.Conformance;

/// <summary>Lets a mesh with lines of JSON join the suite.</summary>
public sealed class MeshJsonUnderTest() : MeshUnderTest(new MeshOptions());

public sealed class MeshBinding : BindingConformance<MeshJsonUnderTest>;

public sealed class MeshDialling : DiallingConformance<MeshJsonUnderTest>;

public sealed class MeshAccepting : AcceptingConformance<MeshJsonUnderTest>;

public sealed class MeshWriting : WritingConformance<MeshJsonUnderTest>;

public sealed class MeshReading : ReadingConformance<MeshJsonUnderTest>;

public sealed class MeshEnding : EndingConformance<MeshJsonUnderTest>;

public sealed class MeshEnvelopes : EnvelopeConformance<MeshJsonUnderTest>;

public sealed class MeshDisposal : DisposalConformance<MeshJsonUnderTest>;

public sealed class MeshLimits : LimitConformance<MeshJsonUnderTest>;

public sealed class MeshTryReading : TryReadConformance<MeshJsonUnderTest>;
