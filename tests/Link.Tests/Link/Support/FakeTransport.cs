using System.Threading.Channels;
using Link.Abstractions;
using Moq;

namespace Link.Tests.Support;

/// <summary>A transport that dials as the test says.</summary>
internal sealed class FakeTransport
{
    private readonly Mock<ITransport> _mock = new(MockBehavior.Strict);
    private int _attempts;

    /// <param name="dial">Told the number of the attempt, from 1.</param>
    public FakeTransport(Func<int, CancellationToken, Task<IConnection>> dial)
    {
        var faults = Channel.CreateBounded<LinkException>(1);
        var end = new TaskCompletionSource<IConnection?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mock.Setup(transport => transport.Faults).Returns(faults.Reader);
        _mock.Setup(transport => transport.LostFaults).Returns(0);
        _mock.Setup(transport => transport.AcceptAsync(It.IsAny<CancellationToken>())).Returns(() => new ValueTask<IConnection?>(end.Task));
        _mock.Setup(transport => transport.DisposeAsync()).Returns(() =>
        {
            faults.Writer.TryComplete();
            end.TrySetResult(null);
            return ValueTask.CompletedTask;
        });
        _mock.Setup(transport => transport.ConnectAsync(It.IsAny<string>(), It.IsAny<CancellationToken>())).Returns(
            (string _, CancellationToken token) =>
            {
                var attempt = Interlocked.Increment(ref _attempts);
                Attempted.Put(attempt);
                return new ValueTask<IConnection>(dial(attempt, token));
            });
    }

    /// <param name="connections">What the attempts give, one after the other; null where the peer is missing, as it is after the last.</param>
    public FakeTransport(params IConnection?[] connections)
        : this((attempt, _) => attempt <= connections.Length && connections[attempt - 1] is { } connection
            ? Task.FromResult(connection)
            : Task.FromException<IConnection>(new LinkException(LinkError.NoSuchPeer, "Nobody is there.")))
    {
    }

    public ITransport Object => _mock.Object;

    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>The number of each attempt.</summary>
    public Inbox<int> Attempted { get; } = new();
}
