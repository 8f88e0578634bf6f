using System.Threading.Channels;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What a bridge reports, to be waited for.</summary>
internal sealed class BridgeWatch
{
    private readonly Channel<FlicErrorEventArgs> _errors = Channel.CreateUnbounded<FlicErrorEventArgs>();
    private readonly Channel<(string Change, FlicNodeEventArgs Node)> _changes = Channel.CreateUnbounded<(string, FlicNodeEventArgs)>();

    public BridgeWatch(FlicBridge bridge)
    {
        bridge.Error += (_, e) => _errors.Writer.TryWrite(e);
        bridge.NodeJoined += (_, e) => _changes.Writer.TryWrite(($"+{e.Name}", e));
        bridge.NodeLeft += (_, e) => _changes.Writer.TryWrite(($"-{e.Name}", e));
    }

    /// <summary>The next error.</summary>
    public Task<FlicErrorEventArgs> ErrorAsync() => Within.Deadline(_errors.Reader.ReadAsync());

    /// <summary>The next name that came (+) or went (-).</summary>
    public async Task<string> ChangeAsync() => (await NodeAsync()).Change;

    /// <summary>The same with what was told of it.</summary>
    public Task<(string Change, FlicNodeEventArgs Node)> NodeAsync() => Within.Deadline(_changes.Reader.ReadAsync());

    /// <summary>Whether every error has been taken.</summary>
    public bool HasNoError => !_errors.Reader.TryPeek(out _);
}
