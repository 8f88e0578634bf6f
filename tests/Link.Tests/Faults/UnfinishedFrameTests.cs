using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A frame that does not end costs bounded memory and bounded time.</summary>
public sealed class UnfinishedFrameTests
{
    private static readonly TimeSpan FrameTime = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Side.Accepted)]
    [InlineData(Side.Dialled)]
    public async Task An_unterminated_frame_is_cut_at_the_frame_limit(Side side)
    {
        const int Limit = 64 * 1024;
        await using var scene = await Scene.SetAsync(side, options => options with { MaxFrameBytes = Limit });
        var chunk = new byte[Limit];
        chunk.AsSpan().Fill((byte)'[');
        var sent = 0;
        while (sent < 1024 && await scene.Stranger.TrySendAsync(chunk))
        {
            sent++;
        }

        // It took what its buffer and the kernel's hold, and no more of the endless frame.
        Assert.InRange(sent, 1, 64);
        var fault = await scene.Events.NextFaultAsync();
        Assert.Equal(LinkError.TooLarge, fault.Error);
        Assert.Equal(LinkError.TooLarge, (await scene.Events.NextDisconnectedAsync()).Error?.Error);
        await scene.Stranger.WaitForEndAsync();
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_whole_frame_larger_than_the_limit_closes_its_connection()
    {
        await using var scene = await Scene.SetAsync(change: options => options with { MaxFrameBytes = 1024 });
        await scene.Stranger.TrySendAsync(Frames.Bytes(Frames.Request("1", $"{{\"a\":\"{new string('x', 1024)}\"}}")));
        Assert.Equal(LinkError.TooLarge, (await scene.Events.NextFaultAsync()).Error);
        await scene.Stranger.WaitForEndAsync();
        await scene.AssertOthersGoOnAsync();
    }

    [Theory]
    [InlineData(Side.Accepted)]
    [InlineData(Side.Dialled)]
    public async Task A_frame_of_one_byte_every_few_seconds_is_given_up_after_the_frame_time(Side side)
    {
        var clock = new FakeTimeProvider();
        await using var scene = await Scene.SetAsync(side, options => options with
        {
            TimeProvider = clock,
            UnfinishedFrameTimeout = FrameTime,
            RequestTimeout = Timeout.InfiniteTimeSpan,
        });
        var timers = clock.ArmedTimers;
        await scene.Stranger.SendAsync("{");
        await clock.WhenArmed(timers + 1);
        for (var seconds = 5; seconds < 30; seconds += 5)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            await scene.Stranger.SendAsync(" ");
            await scene.PingAsync();
        }

        Assert.Equal(0, scene.Server.Statistics.TransportFaults);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(LinkError.Timeout, (await scene.Events.NextFaultAsync()).Error);
        Assert.Equal(LinkError.Timeout, (await scene.Events.NextDisconnectedAsync()).Error?.Error);
        await scene.Stranger.WaitForEndAsync();
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_frame_that_ends_within_the_frame_time_is_handled_and_the_next_has_the_whole_time_again()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await Scene.SetAsync(change: options => options with
        {
            TimeProvider = clock,
            UnfinishedFrameTimeout = FrameTime,
            RequestTimeout = Timeout.InfiniteTimeSpan,
        });
        var timers = clock.ArmedTimers;
        var frame = Frames.Request("1", "{}");
        for (var round = 0; round < 3; round++)
        {
            await scene.Stranger.SendAsync(frame[..10]);
            await clock.WhenArmed(timers + 1);
            clock.Advance(FrameTime - TimeSpan.FromSeconds(1));
            await scene.Stranger.SendAsync(frame[10..]);
            Assert.Equal("""{"success":true,"id":1,"echo":{}}""", await scene.Stranger.ReadTextAsync());
        }

        clock.Advance(FrameTime * 10);
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        Assert.Equal(0, scene.Server.Statistics.TransportFaults);
    }
}
