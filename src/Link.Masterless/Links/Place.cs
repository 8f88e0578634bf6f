using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>One connection, from the attempt to make it until nothing is left of it. Holds one place of a limit.</summary>
/// <param name="limit">The place has been taken.</param>
internal sealed class Place(ConnectionLimit limit)
{
    private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Handshake? _handshake;
    private volatile MeshLink? _link;

    /// <summary>Its handshake, as soon as it has begun.</summary>
    public Handshake? Handshake
    {
        get => _handshake;
        set => _handshake = value;
    }

    /// <summary>What came of the handshake; null until then.</summary>
    public MeshLink? Link
    {
        get => _link;
        set => _link = value;
    }

    /// <summary>Ends when nothing is left of the connection.</summary>
    public Task Free => _free.Task;

    /// <summary>Nothing is left of the connection. To be called once.</summary>
    public void GiveBack()
    {
        limit.Release();
        _free.TrySetResult();
    }
}
