namespace Link.Conformance;

public sealed class Udp4Binding : SharedNameBinding<Udp4UnderTest>;

public sealed class Udp4Dialling : DiallingConformance<Udp4UnderTest>;

public sealed class Udp4Accepting : AcceptingConformance<Udp4UnderTest>;

public sealed class Udp4Writing : UdpWriting<Udp4UnderTest>;

public sealed class Udp4Reading : UdpReading<Udp4UnderTest>;

public sealed class Udp4Ending : UdpEnding<Udp4UnderTest>;

public sealed class Udp4Envelopes : UdpEnvelopes<Udp4UnderTest>;

public sealed class Udp4Disposal : DisposalConformance<Udp4UnderTest>;

public sealed class Udp4Limits : UdpLimits<Udp4UnderTest>;

public sealed class Udp4TryReading : UdpTryReading<Udp4UnderTest>;

public sealed class Udp6Binding : SharedNameBinding<Udp6UnderTest>;

public sealed class Udp6Dialling : DiallingConformance<Udp6UnderTest>;

public sealed class Udp6Accepting : AcceptingConformance<Udp6UnderTest>;

public sealed class Udp6Writing : UdpWriting<Udp6UnderTest>;

public sealed class Udp6Reading : UdpReading<Udp6UnderTest>;

public sealed class Udp6Ending : UdpEnding<Udp6UnderTest>;

public sealed class Udp6Envelopes : UdpEnvelopes<Udp6UnderTest>;

public sealed class Udp6Disposal : DisposalConformance<Udp6UnderTest>;

public sealed class Udp6Limits : UdpLimits<Udp6UnderTest>;

public sealed class Udp6TryReading : UdpTryReading<Udp6UnderTest>;

public sealed class ResendingUdpBinding : SharedNameBinding<ResendingUdpUnderTest>;

public sealed class ResendingUdpDialling : DiallingConformance<ResendingUdpUnderTest>;

public sealed class ResendingUdpAccepting : AcceptingConformance<ResendingUdpUnderTest>;

public sealed class ResendingUdpWriting : UdpWriting<ResendingUdpUnderTest>;

public sealed class ResendingUdpReading : UdpReading<ResendingUdpUnderTest>;

public sealed class ResendingUdpEnding : UdpEnding<ResendingUdpUnderTest>;

public sealed class ResendingUdpEnvelopes : UdpEnvelopes<ResendingUdpUnderTest>;

public sealed class ResendingUdpDisposal : DisposalConformance<ResendingUdpUnderTest>;

public sealed class ResendingUdpLimits : UdpLimits<ResendingUdpUnderTest>;

public sealed class ResendingUdpTryReading : UdpTryReading<ResendingUdpUnderTest>;
