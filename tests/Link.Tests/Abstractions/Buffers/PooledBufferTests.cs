using Link.Abstractions.Buffers;

namespace Link.Tests.Abstractions.Buffers;

public sealed class PooledBufferTests
{
    [Fact]
    public void What_is_written_is_kept_in_order_while_the_buffer_grows()
    {
        using var buffer = new PooledBuffer();
        var expected = new List<byte>();
        for (var length = 0; length < 300; length++)
        {
            var bytes = Enumerable.Repeat((byte)length, length).ToArray();
            buffer.Write(bytes);
            expected.AddRange(bytes);
        }

        Assert.Equal(expected.Count, buffer.Length);
        Assert.Equal(expected, buffer.WrittenSpan.ToArray());
        Assert.Equal(expected, buffer.WrittenMemory.ToArray());
    }

    [Fact]
    public void Spans_and_memory_have_at_least_the_size_asked_for()
    {
        using var buffer = new PooledBuffer();
        Assert.NotEqual(0, buffer.GetSpan().Length);
        Assert.True(buffer.GetSpan(100_000).Length >= 100_000);
        buffer.GetMemory(3).Span[0] = 7;
        buffer.Advance(1);
        Assert.Equal([7], buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Advancing_beyond_the_buffer_or_backwards_is_refused()
    {
        using var buffer = new PooledBuffer();
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
        var free = buffer.GetMemory(1).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(free + 1));
        buffer.Advance(free);
        Assert.Equal(free, buffer.Length);
    }

    [Fact]
    public void Truncating_forgets_the_end_only()
    {
        using var buffer = new PooledBuffer();
        buffer.Write([1, 2, 3]);
        buffer.Truncate(2);
        buffer.Write([4]);
        Assert.Equal([1, 2, 4], buffer.WrittenSpan.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(-1));
    }

    [Fact]
    public void A_released_buffer_is_empty_and_can_be_written_again()
    {
        var buffer = new PooledBuffer();
        buffer.Write([1]);
        buffer.Release();
        Assert.Equal(0, buffer.Length);
        Assert.True(buffer.WrittenMemory.IsEmpty);
        buffer.Write([2]);
        Assert.Equal([2], buffer.WrittenSpan.ToArray());
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(0, buffer.Length);
    }

    [Fact]
    public void A_size_no_array_can_have_is_refused()
    {
        using var buffer = new PooledBuffer();
        buffer.Write([1]);
        Assert.ThrowsAny<Exception>(() => buffer.GetSpan(int.MaxValue));
        Assert.Equal([1], buffer.WrittenSpan.ToArray());
    }
}
