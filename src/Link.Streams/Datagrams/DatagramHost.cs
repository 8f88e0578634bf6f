using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>
/// Listens on one UDP port: a channel for each address that has sent something. The table of peers is bounded: when it is full, the peer
/// heard of longest ago that waits for no answer makes room, and if all wait, the newcomer's datagram is dropped. Nothing is ever sent to an
/// address that has not sent something, unless <see cref="ConnectAsync"/> asks for it. Safe for concurrent use.
/// </summary>
public sealed class DatagramHost : IAsyncDisposable, IDatagramPort
{
    private readonly Socket _socket;
    private readonly EndpointOptions _options;
    private readonly DatagramSettings _settings;
    private readonly ConnectionLimit _limit;
    private readonly Action<DatagramChannel> _established;
    private readonly DatagramPeers _peers;
    private readonly Lock _gate = new();
    private readonly DatagramReceiver _receiver;
    private readonly ITimer _sweep;
    private readonly Task _receiving;
    private bool _sweeps;
    private volatile bool _closed;
    private volatile bool _stopped;

    private DatagramHost(
        Socket socket, Endpoint endpoint, DatagramSettings settings, EndpointOptions options, ConnectionLimit limit, Action<DatagramChannel> established)
    {
        _socket = socket;
        _settings = settings;
        _options = options;
        _limit = limit;
        _established = established;
        Endpoint = endpoint;
        _peers = new DatagramPeers(settings.Time);
        _sweep = settings.Time.CreateTimer(
            static host => ((DatagramHost)host!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _receiver = new DatagramReceiver(socket, endpoint, settings, Take);
        _receiving = Task.Run(_receiver.RunAsync);
    }

    /// <summary>Where it listens, with the port that the operating system chose.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>The live channels, as they are now.</summary>
    public IReadOnlyCollection<DatagramChannel> Channels
    {
        get
        {
            lock (_gate)
            {
                return _peers.All;
            }
        }
    }

    /// <summary>Binds the port and begins to receive.</summary>
    /// <param name="endpoint">Where; the host's first address of the family is taken.</param>
    /// <param name="codec">Where frames begin and end.</param>
    /// <param name="limits">The bounds; validated by the caller.</param>
    /// <param name="options">What listening beyond loopback needs, and the clock.</param>
    /// <param name="limit">
    /// How many peers there may be. A place is taken for each channel that <paramref name="established"/> gets, which gives it back; those
    /// that made room may hold theirs a while longer, so that up to twice as many places are taken.
    /// </param>
    /// <param name="established">Takes over each channel, once; short, may be called by several threads at once.</param>
    /// <param name="report">Told of what was dropped; as short.</param>
    /// <param name="cancellationToken">Ends the wait for the name service; nothing is bound then.</param>
    /// <exception cref="LinkException">The port cannot be had, or would be open to the network.</exception>
    public static async ValueTask<DatagramHost> BindAsync(
        Endpoint endpoint,
        IFrameCodec codec,
        DatagramLimits limits,
        EndpointOptions options,
        ConnectionLimit limit,
        Action<DatagramChannel> established,
        Action<LinkException> report,
        CancellationToken cancellationToken = default)
    {
        var local = await DatagramAddress.ResolveAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        HostAddresses.ThrowIfInsecure(endpoint, local.Address, options);
        Socket? socket = null;
        try
        {
            socket = DatagramSocket.Open(local.AddressFamily);
            socket.Bind(local);
            var bound = endpoint.WithPort(((IPEndPoint)socket.LocalEndPoint!).Port);
            return new DatagramHost(socket, bound, new DatagramSettings(codec, limits, options.TimeProvider, report), options, limit, established);
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw new LinkException(LinkError.NameUnavailable, $"{endpoint} cannot be listened on: {exception.Message}.", innerException: exception);
        }
    }

    /// <summary>
    /// The channel to an address, whether or not it has sent something: the one there is, or a new one, which
    /// <c>established</c> has been given before this returns. Datagrams leave from the port of this host.
    /// </summary>
    /// <exception cref="LinkException">The host has no address, the table is full, or this has been disposed.</exception>
    /// <exception cref="ArgumentException">The endpoint is of another kind than this one.</exception>
    public async ValueTask<DatagramChannel> ConnectAsync(Endpoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Kind != Endpoint.Kind)
        {
            throw new ArgumentException($"{endpoint} cannot be reached from {Endpoint}.", nameof(endpoint));
        }

        var remote = await DatagramAddress.ResolveAsync(endpoint, _options, cancellationToken).ConfigureAwait(false);
        var address = remote.Serialize();
        DatagramChannel? channel;
        lock (_gate)
        {
            if (_peers.TryGet(address, out channel))
            {
                return channel;
            }

            if (_stopped)
            {
                throw new LinkException(LinkError.Disposed, $"{Endpoint} is not listened on any more.");
            }

            channel = Admit(address) ?? throw Full(address);
        }

        HandOver(channel);
        return channel;
    }

    /// <summary>
    /// Takes no newcomers any more: what they send is passed over. A channel on which somebody waits for an answer goes on until it is given,
    /// or for 30 s; every other one ends now. The port stays taken until the last has ended. May be called more than once.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var channel in Stop())
        {
            channel.End();
        }

        if (_closed)
        {
            await _receiving.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    bool IDatagramPort.IsDraining => _stopped;

    /// <inheritdoc/>
    SocketError IDatagramPort.Send(ReadOnlySpan<byte> datagram, SocketAddress? to)
    {
        var result = DatagramSocket.Send(_socket, datagram, to);

        // Where the system tells it at all, the refusal of an earlier datagram, perhaps to somebody else.
        return result is SocketError.ConnectionRefused or SocketError.ConnectionReset ? DatagramSocket.Send(_socket, datagram, to) : result;
    }

    /// <inheritdoc/>
    void IDatagramPort.Forget(DatagramChannel channel)
    {
        lock (_gate)
        {
            _peers.Remove(channel);
            CloseIfDone();
        }
    }

    private void Take(SocketAddress from, ReadOnlySpan<byte> datagram)
    {
        DatagramChannel? newcomer = null;
        lock (_gate)
        {
            if (_peers.TryGet(from, out var channel))
            {
                channel.Deliver(datagram);
                return;
            }

            if (!_stopped)
            {
                newcomer = Admit(DatagramAddress.Copy(from));
                newcomer?.Deliver(datagram);
            }
        }

        if (newcomer is not null)
        {
            TryHandOver(newcomer);
        }
        else if (!_stopped)
        {
            _settings.Report(Full(from));
        }
    }

    /// <summary>Makes a channel, and room for it; null when there is none.</summary>
    private DatagramChannel? Admit(SocketAddress address)
    {
        var leaving = _peers.Count < _limit.Max ? null : _peers.LongestSilent();
        if ((_peers.Count >= _limit.Max && leaving is null) || !_limit.TryTake(spare: _limit.Max))
        {
            return null;
        }

        leaving?.End();
        var channel = new DatagramChannel(this, address, DatagramAddress.PeerAt(address), _settings);
        _peers.Add(channel);
        if (!_sweeps)
        {
            _sweeps = true;
            _sweep.Change(_settings.Limits.IdleTimeout, Timeout.InfiniteTimeSpan);
        }

        return channel;
    }

    private void HandOver(DatagramChannel channel)
    {
        try
        {
            _established(channel);
        }
        catch (Exception exception)
        {
            _limit.Release();
            channel.Fail(exception);
            throw;
        }
    }

    private void TryHandOver(DatagramChannel channel)
    {
        try
        {
            HandOver(channel);
        }
        catch (Exception exception)
        {
            if (!_stopped)
            {
                _settings.Report(exception as LinkException ?? new LinkException(
                    LinkError.ConnectionLost, $"A connection to {Endpoint} failed: {exception.Message}", innerException: exception));
            }
        }
    }

    private void Sweep()
    {
        List<DatagramChannel> idle;
        lock (_gate)
        {
            var next = _peers.TakeIdle(_stopped ? TimeSpan.Zero : _settings.Limits.IdleTimeout, out idle);
            _sweeps = _peers.Count > 0;
            if (_sweeps)
            {
                _sweep.Change(next, Timeout.InfiniteTimeSpan);
            }
        }

        idle.ForEach(channel => channel.End());
    }

    /// <summary>Stops, and gives the channels that are to end.</summary>
    private IReadOnlyCollection<DatagramChannel> Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            CloseIfDone();
            if (!_closed)
            {
                _sweep.Change(DatagramPeers.AnswerTime, Timeout.InfiniteTimeSpan);
            }

            return _peers.Paid();
        }
    }

    private void CloseIfDone()
    {
        if (_stopped && _peers.Count == 0 && !_closed)
        {
            _closed = true;
            _sweep.Dispose();
            _receiver.Dispose();
        }
    }

    private LinkException Full(SocketAddress remote) => new(
        LinkError.Overloaded,
        $"There is no room at {Endpoint} for {DatagramAddress.Read(remote)}: {_limit.Max} peers already wait for answers.");
}
