using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Events;

/// <summary>
/// node-ipc's own way of working, on its wire (SPEC.md, "The event API"): a server, and clients by the id of the server they connect to, which
/// send each other messages that have a type. Safe for concurrent use.
/// </summary>
public sealed class Ipc : IAsyncDisposable
{
    private readonly IpcContext _context;
    private readonly ConcurrentDictionary<string, IpcClient> _clients = new(StringComparer.Ordinal);

    // Disconnected, while handlers of theirs may still run.
    private readonly ConcurrentDictionary<IpcClient, bool> _leaving = new();
    private readonly Lock _gate = new();
    private Task<Task>? _disposing;

    /// <summary>Makes one that neither serves nor connects.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public Ipc(IpcOptions? options = null)
    {
        _context = new IpcContext(options ?? new IpcOptions());
        Server = new IpcServer(_context);
    }

    /// <summary>The options it was made with.</summary>
    public IpcOptions Options => _context.Options;

    /// <summary>The server. Handlers may be set before it serves.</summary>
    public IpcServer Server { get; }

    /// <summary>The client of a server's id. Handlers may be set before it connects; made when it is asked for first.</summary>
    public IpcClient Of(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        lock (_gate)
        {
            return _disposing is null
                ? _clients.GetOrAdd(id, static (key, context) => new IpcClient(key, context), _context)
                : throw new LinkException(LinkError.Disposed, "It has been disposed.");
        }
    }

    /// <summary>Serves the local socket of the own <see cref="IpcOptions.Id"/>.</summary>
    /// <returns>Where it listens.</returns>
    /// <exception cref="LinkException">It cannot be had (<see cref="LinkError.NameUnavailable"/>).</exception>
    /// <exception cref="ArgumentException">The id makes no path.</exception>
    public Task<Endpoint> ServeAsync(CancellationToken cancellationToken = default) =>
        Server.ServeAsync(_context.Local(_context.Options.Id), cancellationToken);

    /// <summary>Serves the local socket at a path.</summary>
    /// <inheritdoc cref="ServeAsync(CancellationToken)"/>
    public Task<Endpoint> ServeAsync(string path, CancellationToken cancellationToken = default) =>
        Server.ServeAsync(EndpointBook.Local(path), cancellationToken);

    /// <summary>Serves TCP, or TLS where the options have it.</summary>
    /// <param name="host">The host; by default that of the options.</param>
    /// <param name="port">The port; by default that of the options; 0 lets the operating system choose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Where it listens, with the port.</returns>
    /// <exception cref="LinkException">It cannot be had, or would be open to the network.</exception>
    /// <exception cref="ArgumentException">There is no such host or port, or TLS has no certificate.</exception>
    public Task<Endpoint> ServeNetAsync(string? host = null, int? port = null, CancellationToken cancellationToken = default) =>
        Server.ServeAsync(_context.Net(host, port), cancellationToken);

    /// <summary>Serves UDP. Each peer that sends something is a connection, until nothing came or went for a while.</summary>
    /// <inheritdoc cref="ServeNetAsync(string?, int?, CancellationToken)"/>
    public Task<Endpoint> ServeNetAsync(UdpVersion version, string? host = null, int? port = null, CancellationToken cancellationToken = default) =>
        Server.ServeAsync(_context.Udp(version, host, port), cancellationToken);

    /// <summary>Connects the client of the id to the local socket of that id.</summary>
    /// <returns>The client, connected. One that is connected, or being connected, already is given as it is, wherever it leads.</returns>
    /// <exception cref="LinkException">
    /// The last error, when it has no more tries; <see cref="LinkError.Timeout"/> after <see cref="IpcOptions.ConnectWait"/>, while it goes on trying.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it goes on trying.</exception>
    /// <exception cref="ArgumentException">The id makes no path.</exception>
    public Task<IpcClient> ConnectToAsync(string id, CancellationToken cancellationToken = default) =>
        ConnectAsync(id, _context.Local(id), cancellationToken);

    /// <summary>Connects the client of the id to the local socket at a path.</summary>
    /// <inheritdoc cref="ConnectToAsync(string, CancellationToken)"/>
    public Task<IpcClient> ConnectToAsync(string id, string path, CancellationToken cancellationToken = default) =>
        ConnectAsync(id, EndpointBook.Local(path), cancellationToken);

    /// <summary>Connects the client of the id by TCP, or TLS where the options have it.</summary>
    /// <param name="id">The id of the server.</param>
    /// <param name="host">Its host; by default that of the options.</param>
    /// <param name="port">Its port; by default that of the options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="ConnectToAsync(string, CancellationToken)"/>
    public Task<IpcClient> ConnectToNetAsync(string id, string? host = null, int? port = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(id, _context.Net(host, port), cancellationToken);

    /// <summary>
    /// Ends the client of the id: it closes, tries no more and forgets its handlers, after <see cref="IpcClient.Disconnected"/> and
    /// <see cref="IpcClient.Destroyed"/> have been raised. The id may be connected anew.
    /// </summary>
    public async Task DisconnectAsync(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (_clients.TryRemove(id, out var client))
        {
            _leaving[client] = true;
            await client.DisconnectAsync().ConfigureAwait(false);
            _ = LeaveAsync(client);
        }
    }

    /// <summary>Stops serving; open connections go on.</summary>
    public Task StopAsync() => Server.StopAsync();

    /// <summary>
    /// Stops serving, ends all connections and clients, and waits for their handlers, at most for <see cref="IpcOptions.DrainTimeout"/>. Called by
    /// one of these handlers, it does not wait for them.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task<Task> closing;
        lock (_gate)
        {
            closing = _disposing ??= Task.Run(CloseAsync);
        }

        var draining = await closing.ConfigureAwait(false);
        if (!EventPump.IsInside(_context))
        {
            await draining.ConfigureAwait(false);
        }
    }

    private async Task<IpcClient> ConnectAsync(string id, Endpoint endpoint, CancellationToken cancellationToken)
    {
        var client = Of(id);
        await client.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
        return client;
    }

    private async Task LeaveAsync(IpcClient client)
    {
        await client.DrainAsync().ConfigureAwait(false);
        _leaving.TryRemove(client, out _);
    }

    /// <summary>Closes everything, and gives the task that ends with the handlers.</summary>
    private async Task<Task> CloseAsync()
    {
        IpcClient[] clients = [.. _clients.Values, .. _leaving.Keys];
        await Task.WhenAll([Server.CloseAsync(), .. clients.Select(client => client.DisconnectAsync())]).ConfigureAwait(false);
        return DrainAsync(clients);
    }

    private async Task DrainAsync(IpcClient[] clients)
    {
        var timeout = _context.Options.DrainTimeout;
        try
        {
            await Task.WhenAll([Server.DrainAsync(), .. clients.Select(client => client.DrainAsync())])
                .WaitAsync(timeout, _context.Options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            IpcLog.NotDrained(_context.Logger, timeout);
        }

        Server.Abandon();
        foreach (var client in clients)
        {
            client.Abandon();
        }
    }
}
