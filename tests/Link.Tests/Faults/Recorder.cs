using System.Collections.Concurrent;
using System.Threading.Channels;
using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Keeps what a server tells by its events.</summary>
internal sealed class Recorder
{
    private readonly Channel<ServerErrorEventArgs> _errors = Channel.CreateUnbounded<ServerErrorEventArgs>();
    private readonly Channel<PeerEventArgs> _disconnected = Channel.CreateUnbounded<PeerEventArgs>();
    private readonly ConcurrentQueue<string> _all = new();

    public Recorder(Server server)
    {
        server.PeerConnected += (_, e) => _all.Enqueue($"connected {e.Peer}");
        server.PeerDisconnected += (_, e) =>
        {
            _all.Enqueue($"disconnected {e.Peer} {e.Error?.Error}");
            _disconnected.Writer.TryWrite(e);
        };
        server.Error += (_, e) =>
        {
            _all.Enqueue($"error {e.Error.Message}");
            _errors.Writer.TryWrite(e);
        };
    }

    /// <summary>Everything told so far, in order.</summary>
    public IReadOnlyCollection<string> All => _all;

    public async Task<ServerErrorEventArgs> NextErrorAsync() => await Within.Deadline(_errors.Reader.ReadAsync());

    public async Task<LinkException> NextFaultAsync() => Assert.IsType<LinkException>((await NextErrorAsync()).Error);

    public async Task<PeerEventArgs> NextDisconnectedAsync() => await Within.Deadline(_disconnected.Reader.ReadAsync());
}
