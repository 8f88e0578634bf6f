using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class WaitForPeerTests : ServerTest
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Unless_told_to_wait_one_attempt_is_made()
    {
        var transport = new FakeTransport();
        var caller = CreateCaller(transport, TimeSpan.Zero);
        var failure = await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => caller.SendAsync("peer", new { }));
        Assert.StartsWith("Could not connect to peer", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, transport.Attempts);
        await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => caller.SendAsync("peer", new { }));
        Assert.Equal(2, transport.Attempts);
    }

    [Fact]
    public async Task An_attempt_that_everybody_has_given_up_ends()
    {
        var transport = new FakeTransport();
        var caller = CreateCaller(transport, Timeout.InfiniteTimeSpan);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var calls = new[] { caller.SendAsync("peer", new { }, first.Token), caller.SendAsync("peer", new { }, second.Token) };
        await transport.Attempted.NextAsync();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(calls[0]));
        await _clock.WhenArmed();
        _clock.Advance(Retry * 1.2);
        Assert.Equal(2, await transport.Attempted.NextAsync());

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(calls[1]));
        await Within.Until(() => _clock.ArmedTimers == 0);
        _clock.Advance(Retry * 10);
        Assert.Equal(2, transport.Attempts);
    }

    [Fact]
    public async Task A_peer_that_appears_is_found()
    {
        var connection = new FakeConnection("peer");
        var transport = new FakeTransport(null, null, connection);
        var call = CreateCaller(transport, Timeout.InfiniteTimeSpan).SendAsync("peer", new { a = 1 });
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            Assert.Equal(attempt, await transport.Attempted.NextAsync());
            await _clock.WhenArmed();
            _clock.Advance(Retry * 1.2);
        }

        var (id, text) = await connection.Written.NextAsync();
        Assert.Equal("""{"a":1}""", text);
        connection.Answer(id);
        Assert.True((await Within.Deadline(call)).Success);
        Assert.Equal(3, transport.Attempts);
    }

    [Fact]
    public async Task The_pause_between_attempts_varies_by_a_fifth()
    {
        var transport = new FakeTransport();
        var call = CreateCaller(transport, Timeout.InfiniteTimeSpan).SendAsync("peer", new { });
        await transport.Attempted.NextAsync();
        var pauses = new HashSet<TimeSpan>();
        for (var attempt = 2; attempt < 60; attempt++)
        {
            await _clock.WhenArmed();
            var start = _clock.GetUtcNow();
            _clock.Advance((Retry * 0.8) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _clock.ArmedTimers);
            Assert.Equal(attempt - 1, transport.Attempts);
            while (_clock.ArmedTimers == 1 && transport.Attempts < attempt)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(1));
            }

            var pause = _clock.GetUtcNow() - start;
            Assert.InRange(pause, Retry * 0.8, (Retry * 1.2) + TimeSpan.FromMilliseconds(1));
            pauses.Add(pause);
            Assert.Equal(attempt, await transport.Attempted.NextAsync());
        }

        Assert.True(pauses.Count > 10, $"{pauses.Count} different pauses.");
        Assert.False(call.IsCompleted);
    }

    [Fact]
    public async Task After_the_time_there_is_a_last_attempt()
    {
        var transport = new FakeTransport();
        var call = CreateCaller(transport, Retry / 2).SendAsync("peer", new { });
        Assert.Equal(1, await transport.Attempted.NextAsync());
        await _clock.WhenArmed();
        _clock.Advance((Retry / 2) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, transport.Attempts);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await transport.Attempted.NextAsync());
        await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => call);
        Assert.Equal(2, transport.Attempts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Retries_may_be_limited(int retries)
    {
        var transport = new FakeTransport();
        var caller = CreateCaller(transport, Timeout.InfiniteTimeSpan, retries);
        var call = caller.SendAsync("peer", new { });
        for (var retry = 0; retry < retries; retry++)
        {
            await transport.Attempted.NextAsync();
            await _clock.WhenArmed();
            _clock.Advance(Retry * 1.2);
        }

        await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => call);
        Assert.Equal(1 + retries, transport.Attempts);
    }

    [Fact]
    public async Task The_timeout_of_a_call_ends_its_wait_and_not_that_of_others()
    {
        var connection = new FakeConnection("peer");
        var transport = new FakeTransport(null, connection);
        var caller = CreateCaller(transport, Timeout.InfiniteTimeSpan);
        var patient = caller.SendAsync("peer", new { });
        var hurried = caller.SendAsync("peer", new { }, new SendOptions { Timeout = Retry / 10 });
        await _clock.WhenArmed(2);
        _clock.Advance(Retry / 10);
        await FailsAsync(LinkError.Timeout, RequestFate.NotSent, () => hurried);
        _clock.Advance(Retry * 1.2);
        connection.Answer((await connection.Written.NextAsync()).Id);
        await Within.Deadline(patient);
        Assert.Equal(2, transport.Attempts);
    }

    [Theory]
    [InlineData(LinkError.Overloaded)]
    [InlineData(LinkError.Untrusted)]
    [InlineData(LinkError.Timeout)]
    public async Task Only_a_missing_peer_is_waited_for(LinkError error)
    {
        var transport = new FakeTransport((_, _) => Task.FromException<IConnection>(new LinkException(error, "No.")));
        await FailsAsync(error, RequestFate.NotSent, () => CreateCaller(transport, Timeout.InfiniteTimeSpan).SendAsync("peer", new { }));
        Assert.Equal(1, transport.Attempts);
    }

    private Server CreateCaller(FakeTransport transport, TimeSpan waitForPeer, int? maxRetries = null) => Create("caller", Options() with
    {
        Transport = transport.Object,
        TimeProvider = _clock,
        Retry = Retry,
        MaxRetries = maxRetries,
        WaitForPeer = waitForPeer,
        RequestTimeout = Timeout.InfiniteTimeSpan,
    });
}
