using Link.Streams;

namespace Link.NodeIpc;

/// <summary>How the ipc-link transport finds, guards and bounds its Unix sockets. Immutable.</summary>
public sealed record NodeIpcOptions
{
    /// <summary>Put between <see cref="SocketRoot"/> and the name: programs with different values do not meet. Default <c>app.</c>, as node-ipc.</summary>
    public string AppSpace { get; init; } = "app.";

    /// <summary>The directory of the socket files, with its trailing slash. Default <c>/tmp/</c>, as node-ipc.</summary>
    public string SocketRoot { get; init; } = "/tmp/";

    /// <summary>Whether a stale socket file of the same user is removed on binding. Default true. A live one never is.</summary>
    public bool Unlink { get; init; } = true;

    /// <summary>How many connections may be open, accepted and dialled counted apart. Default 1,024; at least 1.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>How long binding may wait for the name's lock, and dialling for a busy listener. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>User ids trusted besides this process's own. Default none.</summary>
    public IReadOnlyCollection<uint> TrustedUserIds { get; init; } = [];

    /// <summary>The bounds of each connection.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>Whether readers spin briefly before they wait. Default false: it trades processor time for latency.</summary>
    public bool LowLatency { get; init; }

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(AppSpace);
        ArgumentException.ThrowIfNullOrEmpty(SocketRoot);
        if (!SocketRoot.EndsWith('/'))
        {
            throw new ArgumentException($"The socket directory must end with a slash, as in {SocketRoot}/.", nameof(SocketRoot));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(TrustedUserIds);
        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Limits.Validate();
    }
}
