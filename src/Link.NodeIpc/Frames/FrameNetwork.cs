using Link.Abstractions;
using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Frames;

/// <summary>
/// Listens on and dials endpoints of every kind that node-ipc has, and gives channels of frames. Everything of this assembly that talks to
/// peers does it through here. Immutable; thread-safe.
/// </summary>
internal sealed class FrameNetwork(IFrameCodec codec, StreamLimits limits, DatagramLimits datagrams, EndpointOptions options)
{
    /// <summary>Claims the endpoint and listens.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="limit">Taken once for each channel that <paramref name="established"/> gets, which gives it back.</param>
    /// <param name="established">Takes over a channel; short, may be called by several threads at once.</param>
    /// <param name="report">Told of what failed; as short.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is claimed then.</param>
    /// <exception cref="LinkException">It cannot be had, or would be open to the network.</exception>
    /// <exception cref="ArgumentException">It is TLS, and the options name no certificate.</exception>
    public async ValueTask<FrameListener> ListenAsync(
        Endpoint endpoint,
        ConnectionLimit limit,
        Action<PeerChannel> established,
        Action<LinkException> report,
        CancellationToken cancellationToken = default)
    {
        if (endpoint.IsDatagram)
        {
            var host = await DatagramHost.BindAsync(
                endpoint, codec, datagrams, options, limit, channel => established(Open(channel)), report, cancellationToken).ConfigureAwait(false);
            return new FrameListener(host.Endpoint, host);
        }

        var listener = await StreamListener.ListenAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        return new FrameListener(
            listener.Endpoint, new StreamAcceptor(listener, limit, stream => established(Open(stream)), report, options.TimeProvider));
    }

    /// <summary>Connects once.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="name">The name that was dialled.</param>
    /// <param name="report">Told of datagrams that were dropped; short.</param>
    /// <param name="cancellationToken">Ends the dial; no connection is left behind.</param>
    /// <exception cref="LinkException">Nobody answers there, or it is not who is trusted; nothing was sent.</exception>
    public async ValueTask<PeerChannel> DialAsync(
        Endpoint endpoint, string name, Action<LinkException> report, CancellationToken cancellationToken = default) =>
        endpoint.IsDatagram
            ? Open(await DatagramDialer.DialAsync(endpoint, name, codec, datagrams, options, report, cancellationToken).ConfigureAwait(false))
            : Open(await StreamDialer.DialAsync(endpoint, name, options, cancellationToken).ConfigureAwait(false));

    private PeerChannel Open(PeerStream stream) => new(
        new FrameChannel(stream.Stream, codec, limits, stream.Peer, options.TimeProvider), stream.Peer, limits.MaxFrameBytes);

    private PeerChannel Open(DatagramChannel channel) => new(channel, channel.Peer, datagrams.MaxDatagramBytes);
}
