using Link.Abstractions;

namespace Link;

/// <summary>
/// Sends requests to peers by name and answers theirs. Every request ends, within a bound, in a reply, a rejection or an error.
/// One per process, unless <see cref="ServerOptions.AllowMultiple"/> is set. Safe for concurrent use.
/// </summary>
/// <remarks>Events are raised one after the other, on a thread that nothing else waits for.</remarks>
public sealed class Server : IAsyncDisposable
{
    private readonly ServerCore _core;

    /// <summary>Makes a server that neither listens nor is connected yet. It can send without being started.</summary>
    /// <param name="name">The name others find it by, once started.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is empty, or an option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The process already has a live server.</exception>
    public Server(string name, ServerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _core = new ServerCore(this, options ?? new ServerOptions());
    }

    /// <summary>The server listens: raised once per start, with its reason.</summary>
    public event EventHandler<ServerEventArgs>? Started;

    /// <summary>The server no longer listens: raised once per stop or disposal of a started one.</summary>
    public event EventHandler<ServerEventArgs>? Stopped;

    /// <summary>A connection was established, dialled or accepted.</summary>
    public event EventHandler<PeerEventArgs>? PeerConnected;

    /// <summary>A connection has ended, and everything pending on it with it.</summary>
    public event EventHandler<PeerEventArgs>? PeerDisconnected;

    /// <summary>Something went wrong that belongs to no call: a handler threw, a message was dropped, a stranger refused.</summary>
    public event EventHandler<ServerErrorEventArgs>? Error;

    /// <summary>The name others find this server by.</summary>
    public string Name { get; }

    /// <summary>Whether it listens.</summary>
    public bool IsStarted => _core.IsStarted;

    /// <summary>The peers this server has a live connection to that it dialled. A snapshot.</summary>
    public IReadOnlyCollection<Peer> Peers => _core.Peers.Peers;

    /// <summary>What has been counted. A snapshot.</summary>
    public ServerStatistics Statistics => _core.Statistics;

    /// <summary>Sets what answers requests. Handlers run concurrently, up to <see cref="ServerOptions.HandlerConcurrency"/>.</summary>
    /// <param name="handler">
    /// Replies by <see cref="Message.ReplyAsync(object, bool?, CancellationToken)"/>, now or later. When it throws without having replied, the
    /// request is rejected with <c>code</c> and <c>message</c>.
    /// </param>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public void OnMessage(Func<Message, Task> handler) => _core.Handler.Set(handler);

    /// <inheritdoc cref="OnMessage(Func{Message, Task})"/>
    public void OnMessage(Action<Message> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _core.Handler.Set(message =>
        {
            handler(message);
            return Task.CompletedTask;
        });
    }

    /// <summary>Sets what answers requests: the value returned is the reply. One that returns null rejects the request.</summary>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public void OnMessage<TRequest, TReply>(Func<TRequest, Task<TReply>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _core.Handler.Set<TRequest, TReply>((request, _) => handler(request));
    }

    /// <inheritdoc cref="OnMessage{TRequest, TReply}(Func{TRequest, Task{TReply}})"/>
    public void OnMessage<TRequest, TReply>(Func<TRequest, Message, Task<TReply>> handler) => _core.Handler.Set(handler);

    /// <summary>Claims the name and begins to listen.</summary>
    /// <param name="reason">Passed on to <see cref="Started"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the server is then not started.</param>
    /// <exception cref="LinkException">
    /// The name cannot be had (<see cref="LinkError.NameUnavailable"/>); over a bridge: there is none (<see cref="LinkError.NoSuchPeer"/>).
    /// </exception>
    /// <exception cref="ArgumentException">The name makes no valid address, such as a path that is too long.</exception>
    /// <exception cref="InvalidOperationException">It is already started.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public Task StartAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        _core.StartAsync(reason, cancellationToken);

    /// <summary>Stops listening and gives the name up. Open connections go on, as with the original. Does nothing when not started.</summary>
    /// <param name="reason">Passed on to <see cref="Stopped"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task StopAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        _core.StopAsync(reason, cancellationToken);

    /// <summary>Connects to the peer, if there is no live connection yet. Waits for a missing one as <see cref="ServerOptions.WaitForPeer"/> says.</summary>
    /// <exception cref="LinkException">It could not be connected to.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Peer> ConnectToAsync(string peer, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(peer);
        return _core.IsDisposed
            ? throw _core.Disposed()
            : (await _core.Requester.ConnectAsync(peer, cancellationToken).ConfigureAwait(false)).Peer;
    }

    /// <summary>Whether there is a live connection to the peer that this server dialled.</summary>
    public bool HasPeer(string peer) => _core.Peers.TryGet(peer, out _);

    /// <summary>Closes the connection to the peer; what is pending on it fails as <see cref="LinkError.ConnectionLost"/>.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection closes all the same.</exception>
    public async Task<bool> DisconnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        if (!_core.Peers.TryGet(peer, out var session))
        {
            return false;
        }

        _core.Peers.Remove(peer, session);
        var reason = new LinkException(LinkError.ConnectionLost, $"{session.Peer} was disconnected by this process.", RequestFate.Unknown, session.Peer);
        await session.CloseAsync(reason).WaitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Sends a request and gives its reply.</summary>
    /// <param name="peer">The name of the peer.</param>
    /// <param name="data">
    /// What is sent: anything that makes a JSON object or array, such as an anonymous object, a class, a dictionary, a JToken.
    /// A member <c>id</c>, if it has one, is the id of the request.
    /// </param>
    /// <param name="cancellationToken">Gives the request up; the peer is not told.</param>
    /// <exception cref="RejectedException">The peer answered no.</exception>
    /// <exception cref="LinkException">There was no answer; it says why, and whether the request may have run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the inner <see cref="LinkException"/> says whether the request may have run.</exception>
    /// <exception cref="ArgumentException">The data makes no JSON object or array, or its id is already pending.</exception>
    public Task<Reply> SendAsync(string peer, object data, CancellationToken cancellationToken = default) =>
        Send(peer, data, null, cancellationToken);

    /// <inheritdoc cref="SendAsync(string, object, CancellationToken)"/>
    /// <param name="peer">The name of the peer.</param>
    /// <param name="data">What is sent.</param>
    /// <param name="options">What is particular about this call.</param>
    /// <param name="cancellationToken">Gives the request up; the peer is not told.</param>
    public Task<Reply> SendAsync(string peer, object data, SendOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Send(peer, data, options, cancellationToken);
    }

    /// <summary>Sends a request whose data is JSON already.</summary>
    /// <inheritdoc cref="SendAsync(string, object, SendOptions, CancellationToken)"/>
    public Task<Reply> SendAsync(string peer, Payload data, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(peer);
        return _core.IsDisposed
            ? Task.FromException<Reply>(_core.Disposed())
            : _core.Requester.SendAsync(peer, data, options, cancellationToken);
    }

    /// <summary>Sends a request and converts its reply object to <typeparamref name="TReply"/>.</summary>
    /// <inheritdoc cref="SendAsync(string, object, CancellationToken)"/>
    public Task<TReply> SendAsync<TReply>(string peer, object data, CancellationToken cancellationToken = default) =>
        ConvertAsync<TReply>(Send(peer, data, null, cancellationToken));

    /// <summary>Sends a request and converts its reply object to <typeparamref name="TReply"/>.</summary>
    /// <inheritdoc cref="SendAsync(string, object, SendOptions, CancellationToken)"/>
    public Task<TReply> SendAsync<TReply>(string peer, object data, SendOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ConvertAsync<TReply>(Send(peer, data, options, cancellationToken));
    }

    /// <summary>
    /// Stops listening, refuses new calls, waits up to <see cref="ServerOptions.DrainTimeout"/> for running handlers, then closes every
    /// connection; what is still pending fails as <see cref="LinkError.Disposed"/>. May be called more than once.
    /// </summary>
    public ValueTask DisposeAsync() => new(_core.DisposeAsync());

    internal void RaiseStarted(ServerEventArgs args) => Started?.Invoke(this, args);

    internal void RaiseStopped(ServerEventArgs args) => Stopped?.Invoke(this, args);

    internal void RaisePeerConnected(PeerEventArgs args) => PeerConnected?.Invoke(this, args);

    internal void RaisePeerDisconnected(PeerEventArgs args) => PeerDisconnected?.Invoke(this, args);

    internal void RaiseError(ServerErrorEventArgs args) => Error?.Invoke(this, args);

    private static async Task<TReply> ConvertAsync<TReply>(Task<Reply> call)
    {
        var reply = await call.ConfigureAwait(false);
        try
        {
            return reply.As<TReply>()!;
        }
        catch (LinkException exception)
        {
            // The peer has answered: it is not safe to send the request again.
            throw exception.For(RequestFate.Unknown);
        }
    }

    private Task<Reply> Send(string peer, object data, SendOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(peer);
        ArgumentNullException.ThrowIfNull(data);
        return _core.IsDisposed
            ? Task.FromException<Reply>(_core.Disposed())
            : _core.Requester.SendAsync(peer, data, options, cancellationToken);
    }
}
