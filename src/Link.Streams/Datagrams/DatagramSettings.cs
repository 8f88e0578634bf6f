using Link.Abstractions;

namespace Link.Streams.Datagrams;

/// <summary>What all channels of one socket have in common. Immutable.</summary>
/// <param name="Codec">Where frames begin and end.</param>
/// <param name="Limits">The bounds; validated by the caller.</param>
/// <param name="Time">Their clock.</param>
/// <param name="Report">Told of what was lost or dropped; short.</param>
internal sealed record DatagramSettings(IFrameCodec Codec, DatagramLimits Limits, TimeProvider Time, Action<LinkException> Report);
