using System.Diagnostics;
using System.Text;
using Link.Abstractions;
using Link.Flic.Frames;
using Link.Streams;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What is written to an original: frame by frame, and never more than it can still read with one read.</summary>
public sealed class PacedStreamTests : IAsyncDisposable
{
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(250);
    private static readonly Peer Original = new() { Name = "an original", Endpoint = "here" };

    private readonly FakeTimeProvider _clock = new();
    private readonly PacedRecorder _recorder;
    private readonly PacedStream _stream;

    public PacedStreamTests()
    {
        _recorder = new PacedRecorder(_clock);
        _stream = new PacedStream(_recorder, _clock);
    }

    [Fact]
    public async Task Each_frame_is_one_write()
    {
        await _stream.WriteAsync(Bytes("one\0two\0three\0"));

        Assert.Equal(["one\0", "two\0", "three\0"], _recorder.Texts);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public async Task A_frame_in_several_slices_is_one_write()
    {
        await _stream.WriteAsync(Bytes("one\0tw"));
        await _stream.WriteAsync(Bytes("o and "));
        await _stream.WriteAsync(Bytes("a half\0three\0"));

        Assert.Equal(["one\0", "two and a half\0", "three\0"], _recorder.Texts);
    }

    [Fact]
    public async Task Frames_go_together_once_the_other_side_is_Link()
    {
        _stream.IsPaced = false;

        await _stream.WriteAsync(Bytes("one\0two\0thr"));
        await _stream.WriteAsync(Bytes("ee\0"));

        Assert.Equal(["one\0two\0thr", "ee\0"], _recorder.Texts);
    }

    [Fact]
    public async Task The_rest_of_a_frame_that_was_begun_is_kept_when_the_other_side_turns_out_to_be_Link()
    {
        await _stream.WriteAsync(Bytes("one\0tw"));
        _stream.IsPaced = false;

        await _stream.WriteAsync(Bytes("o\0three\0"));
        await _stream.WriteAsync(Bytes("four\0five\0"));

        Assert.Equal("one\0two\0three\0four\0five\0", string.Concat(_recorder.Texts));
    }

    [Fact]
    public async Task Writing_to_Link_allocates_nothing()
    {
        _stream.IsPaced = false;
        _recorder.IsDeaf = true;
        var bytes = Bytes(new string('x', 200_000) + "\0");
        await _stream.WriteAsync(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var write = 0; write < 100; write++)
        {
            Assert.True(_stream.WriteAsync(bytes).IsCompletedSuccessfully);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Theory]
    [InlineData(130, 2_000)]
    [InlineData(1_000, 1_000)]
    [InlineData(16_384, 40)]
    [InlineData(20_000, 30)]
    [InlineData(40_000, 20)]
    [InlineData(65_500, 20)]
    public Task No_stall_of_250_ms_makes_an_original_read_more_than_64_KiB_at_once(int size, int count) => Burst(Enumerable.Repeat(size, count));

    [Fact]
    public Task Large_and_small_frames_together_keep_the_pace() =>
        Burst(Enumerable.Range(0, 200).Select(n => (n % 7) switch { 0 => 65_000, 3 => 17_000, _ => 130 }));

    [Fact]
    public async Task What_fits_into_the_window_goes_without_a_pause_and_again_after_some_time()
    {
        var burst = Burst(130, 45);
        for (var round = 0; round < 3; round++)
        {
            Assert.True(_stream.WriteAsync(burst).IsCompletedSuccessfully);
            _clock.Advance(Stall);
        }

        Assert.Equal(135, _recorder.Writes.Count);
    }

    [Fact]
    public async Task A_large_frame_waits_until_what_went_before_it_is_far_behind()
    {
        await _stream.WriteAsync(Burst(130, 45));
        var write = _stream.WriteAsync(Burst(65_000, 1)).AsTask();
        await _clock.WhenArmed();

        Assert.Equal(45, _recorder.Writes.Count);
        await FinishAsync(write);
        Assert.InRange(_recorder.Writes[^1].At, Stall, Stall * 2);
    }

    [Fact]
    public async Task The_pace_does_not_drift_from_what_it_promises()
    {
        var write = _stream.WriteAsync(Burst(968, 4_000)).AsTask();

        await FinishAsync(write);

        // 4,000 times 1,000 bytes, at 56 KiB in 250 ms.
        Assert.InRange(_recorder.Writes[^1].At.TotalSeconds, 17.2, 17.5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_ends_a_pause_at_once(bool asynchronously)
    {
        var write = _stream.WriteAsync(Burst(1_000, 100)).AsTask();
        await _clock.WhenArmed();

        if (asynchronously)
        {
            await _stream.DisposeAsync();
        }
        else
        {
            _stream.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Within.Deadline(write));
        Assert.Equal(0, _clock.ArmedTimers);
        Assert.True(_recorder.IsDisposed);
    }

    [Fact]
    public async Task Closing_with_a_backlog_ends_within_the_linger_time()
    {
        var limits = new StreamLimits { WriteTimeout = TimeSpan.FromSeconds(1) };
        var channel = new FrameChannel(_stream, new DelimiterCodec(0), limits, Original, _clock);
        channel.Write(Burst(1_000, 600), static (output, bytes) => output.Write(bytes.AsSpan(0, bytes.Length - 1)));
        await _clock.WhenArmed();

        var closing = channel.DisposeAsync().AsTask();
        await FinishAsync(closing);

        Assert.True(_recorder.IsDisposed);
        Assert.True(_clock.GetUtcNow().Second <= 1);
    }

    [Fact]
    public async Task More_than_can_be_sent_before_the_connection_is_given_up_is_refused()
    {
        var limits = new StreamLimits();
        _stream.ThrowIfBehind(1_000, 1_700_000, limits, Original);
        _stream.ThrowIfBehind(60_000, 850_000, limits, Original);
        var write = _stream.WriteAsync(Burst(1_000, 1_000)).AsTask();
        await _clock.WhenArmed();

        _stream.ThrowIfBehind(1_000, 700_000, limits, Original);
        var refused = Assert.Throws<LinkException>(() => _stream.ThrowIfBehind(1_000, 800_000, limits, Original));
        Assert.Throws<LinkException>(() => _stream.ThrowIfBehind(60_000, 60_000, limits, Original));

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.Contains("an original", refused.Message, StringComparison.Ordinal);
        await FinishAsync(write);
        _stream.ThrowIfBehind(60_000, 850_000, limits, Original);
    }

    [Theory]
    [InlineData(130)]
    [InlineData(8_192)]
    [InlineData(8_200)]
    [InlineData(33_000)]
    [InlineData(65_000)]
    public async Task What_is_accepted_is_sent_before_the_connection_is_given_up(int size)
    {
        var write = _stream.WriteAsync(Burst(size, Pace.RoomFor(size, TimeSpan.FromSeconds(10)) / size)).AsTask();

        await FinishAsync(write);

        Assert.True(_recorder.Writes[^1].At < TimeSpan.FromSeconds(9.5), $"It took {_recorder.Writes[^1].At}.");
    }

    [Fact]
    public void Nothing_is_refused_once_the_other_side_is_Link()
    {
        _stream.IsPaced = false;

        _stream.ThrowIfBehind(1, int.MaxValue, new StreamLimits(), Original);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Burst(int size, int count) => Bytes(string.Concat(Enumerable.Repeat(new string('x', size - 1) + '\0', count)));

    private async Task Burst(IEnumerable<int> sizes)
    {
        var all = sizes.ToArray();
        var write = _stream.WriteAsync(Bytes(string.Concat(all.Select(size => new string('x', size - 1) + '\0')))).AsTask();

        await FinishAsync(write);

        Assert.Equal(all, _recorder.Writes.Select(each => each.Bytes.Length));
        for (int first = 0, last = 0, sum = 0; last < all.Length; last++)
        {
            sum += all[last];
            while (_recorder.Writes[last].At - _recorder.Writes[first].At > Stall)
            {
                sum -= all[first++];
            }

            Assert.True(sum <= 65_536, $"{sum} bytes went between {_recorder.Writes[first].At} and {_recorder.Writes[last].At}.");
        }
    }

    private async Task FinishAsync(Task task)
    {
        var real = Stopwatch.StartNew();
        while (!task.IsCompleted)
        {
            Assert.True(real.Elapsed < Within.Default, "It does not end.");
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        await task;
    }
}
