using Link.Abstractions;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Frames;

/// <summary>The bounds in time of a connection: an unfinished frame, a peer that does not read.</summary>
public sealed class FrameTimeTests
{
    private static readonly StreamLimits Limits = new()
    {
        UnfinishedFrameTimeout = TimeSpan.FromSeconds(30),
        WriteTimeout = TimeSpan.FromSeconds(10),
    };

    private static readonly FrameEncoder<byte[]> Copy = static (output, content) => output.Write(content);

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStream _stream = new();

    [Fact]
    public async Task An_idle_connection_has_no_bound()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var filling = channel.FillAsync().AsTask();

        Assert.Equal(0, _time.ArmedTimers);
        _time.Advance(TimeSpan.FromDays(1));
        _stream.Feed("a\f"u8);

        Assert.True(await Within.Deadline(filling));
    }

    [Fact]
    public async Task A_frame_that_is_not_finished_in_time_closes()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var next = await BeginFrameAsync(channel);

        _time.Advance(TimeSpan.FromSeconds(29.999));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.001));

        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(next))).Error);
        Assert.True(_stream.Closed.IsCompleted);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task A_trickle_of_bytes_does_not_extend_the_time()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var next = await BeginFrameAsync(channel);
        for (var round = 0; round < 3; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(9));
            _stream.Feed("x"u8);
            Assert.True(await Within.Deadline(next));
            Assert.False(channel.TryRead(out _));
            next = channel.FillAsync().AsTask();
        }

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(next))).Error);
    }

    [Fact]
    public async Task A_finished_frame_ends_its_time_and_the_next_has_its_own()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var next = await BeginFrameAsync(channel);
        _time.Advance(TimeSpan.FromSeconds(20));
        _stream.Feed("end\fnew"u8);
        Assert.True(await Within.Deadline(next));
        Assert.True(channel.TryRead(out _));
        Assert.Equal(0, _time.ArmedTimers);
        Assert.False(channel.TryRead(out _));
        next = channel.FillAsync().AsTask();

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(next))).Error);
    }

    [Fact]
    public async Task A_cancelled_read_keeps_the_bytes_and_the_time()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        _stream.Feed("begin "u8);
        Assert.True(await Within.Deadline(channel.FillAsync()));
        Assert.False(channel.TryRead(out _));
        using var cancellation = new CancellationTokenSource();
        var cancelled = channel.FillAsync(cancellation.Token).AsTask();
        _time.Advance(TimeSpan.FromSeconds(20));

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(cancelled));
        _stream.Feed("end\f"u8);

        Assert.Equal(1, _time.ArmedTimers);
        Assert.True(await Within.Deadline(channel.FillAsync()));
        Assert.True(channel.TryRead(out var frame));
        Assert.Equal("begin end", Connections.Text(frame.Span));
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Without_a_time_a_frame_may_take_for_ever()
    {
        await using var channel = Connections.Channel(_stream, Limits with { UnfinishedFrameTimeout = Timeout.InfiniteTimeSpan }, _time);
        var next = await BeginFrameAsync(channel);

        _time.Advance(TimeSpan.FromDays(1));
        _stream.Feed("\f"u8);

        Assert.True(await Within.Deadline(next));
        Assert.True(channel.TryRead(out _));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_given_up()
    {
        _stream.HoldWrite = () => new TaskCompletionSource().Task;
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var filling = channel.FillAsync().AsTask();
        channel.Write("frame"u8.ToArray(), Copy);
        await _time.WhenArmed();

        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.False(filling.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.001));

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(filling));
        Assert.Equal((LinkError.Overloaded, RequestFate.Unknown), (failure.Error, failure.Fate));
        await Within.Deadline(_stream.Closed);
        Assert.Equal(LinkError.ConnectionLost, Assert.Throws<LinkException>(() => channel.Write("x"u8.ToArray(), Copy)).Error);
    }

    [Fact]
    public async Task Each_slice_has_its_own_time()
    {
        var written = 0;
        var slices = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        _stream.HoldWrite = () => slices[written++].Task;
        await using var channel = Connections.Channel(_stream, Limits, _time);
        channel.Write(new byte[(2 * 1024 * 1024) + 10], Copy);
        foreach (var slice in slices)
        {
            await _time.WhenArmed();
            _time.Advance(TimeSpan.FromSeconds(9));
            var before = _stream.Writes.Count;
            slice.SetResult();
            await Within.Until(() => _stream.Writes.Count > before && _time.ArmedTimers == (before == 2 ? 0 : 1));
        }

        Assert.Equal(3, _stream.Writes.Count);
        Assert.False(_stream.Closed.IsCompleted);
    }

    [Fact]
    public async Task Disposal_waits_for_the_peer_no_longer_than_for_a_write()
    {
        _stream.HoldWrite = () => new TaskCompletionSource().Task;
        var channel = Connections.Channel(_stream, Limits, _time);
        channel.Write("frame"u8.ToArray(), Copy);
        await _time.WhenArmed();

        var disposal = channel.DisposeAsync().AsTask();
        await _time.WhenArmed(2);
        Assert.False(disposal.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));

        await Within.Deadline(disposal);
        Assert.True(_stream.Closed.IsCompleted);
        await Within.Until(() => _time.ArmedTimers == 0);
    }

    [Fact]
    public async Task A_reader_ends_cleanly_when_the_channel_is_disposed_under_it()
    {
        var channel = Connections.Channel(_stream, Limits, _time);
        var next = await BeginFrameAsync(channel);

        await Within.Deadline(channel.DisposeAsync());

        Assert.False(await Within.Deadline(next));
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task A_connection_that_was_busy_waits_for_more_without_a_buffer()
    {
        await using var channel = Connections.Channel(_stream, Limits, _time);
        var first = await ReadsOf(channel, [.. new byte[1023], Connections.Delimiter]);
        var busy = await ReadsOf(channel, [.. new byte[10], Connections.Delimiter]);
        var rested = await ReadsOf(channel, [.. new byte[10], Connections.Delimiter]);

        Assert.InRange(first[0], 1, 1024);
        Assert.Equal(0, busy[0]);
        Assert.InRange(rested[0], 1, 1024);
    }

    private async Task<int[]> ReadsOf(FrameChannel channel, byte[] piece)
    {
        var before = _stream.Reads.Count;
        var filling = channel.FillAsync();
        Assert.False(filling.IsCompleted);
        _stream.Feed(piece);
        Assert.True(await Within.Deadline(filling));
        while (!channel.TryRead(out _))
        {
            Assert.True(await Within.Deadline(channel.FillAsync()));
        }

        Assert.False(channel.TryRead(out _));
        return [.. _stream.Reads.Skip(before)];
    }

    /// <summary>Receives the beginning of a frame; the fill that then waits for the rest, under its bound.</summary>
    private async Task<Task<bool>> BeginFrameAsync(FrameChannel channel)
    {
        _stream.Feed("begin "u8);
        Assert.True(await Within.Deadline(channel.FillAsync()));
        Assert.False(channel.TryRead(out _));
        return channel.FillAsync().AsTask();
    }
}
