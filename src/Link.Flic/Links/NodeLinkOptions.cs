using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>How a <see cref="NodeLink"/> is made.</summary>
/// <param name="Bridge">Where the bridge is: TCP or TLS.</param>
/// <param name="Endpoints">How it is dialled.</param>
/// <param name="Limits">The bounds of the connection.</param>
/// <param name="ConnectAttempts">How many attempts there are in all.</param>
/// <param name="ConnectBackoff">The pause after the first; that after the n-th is n times as long.</param>
/// <param name="RegisterTimeout">How long the bridge may take to acknowledge the name, and a LEAVE.</param>
internal sealed record NodeLinkOptions(
    Endpoint Bridge, EndpointOptions Endpoints, StreamLimits Limits, int ConnectAttempts, TimeSpan ConnectBackoff, TimeSpan RegisterTimeout);
