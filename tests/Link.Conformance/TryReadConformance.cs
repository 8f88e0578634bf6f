using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="IConnection"/> says of TryRead.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class TryReadConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    private const int Count = 50;

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Envelopes_received_already_are_read_in_order_without_waiting(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await WriteNumberedAsync(writing, reading);

        // Both ways of reading take turns, as they may.
        var taken = 0;
        for (var number = 0; number < Count; number++)
        {
            if (reading.TryRead(out var envelope))
            {
                taken++;
            }
            else
            {
                envelope = await ReadAsync(reading);
            }

            Messages.AssertEqual(Messages.Numbered(reading, number), envelope);
        }

        Assert.NotEqual(0, taken);
        Assert.False(reading.TryRead(out _));
        await AssertCarriesAsync(writing, reading);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Where_nothing_has_come_there_is_none_and_nothing_is_harmed(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        for (var round = 0; round < 3; round++)
        {
            Assert.False(reading.TryRead(out _));
            Assert.False(reading.TryRead(out _));
            await AssertCarriesAsync(writing, reading);
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task The_memory_of_an_envelope_taken_belongs_to_its_reader_for_good(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await WriteNumberedAsync(writing, reading);
        var kept = new List<Envelope>();
        while (kept.Count < Count)
        {
            kept.Add(reading.TryRead(out var envelope) ? envelope : await ReadAsync(reading));
        }

        await WriteNumberedAsync(writing, reading, first: Count);
        await Within.Deadline(writing.DisposeAsync());
        await ReadToEndAsync(reading);
        await Within.Deadline(reading.DisposeAsync());
        for (var number = 0; number < Count; number++)
        {
            Messages.AssertEqual(Messages.Numbered(reading, number), kept[number]);
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_clean_end_is_told_by_ReadAsync_only(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, 1);
        await WriteAsync(writing, Messages.Numbered(reading, 0));
        await Within.Deadline(writing.DisposeAsync());
        await ReadNumberedAsync(reading, 0);
        Assert.False(reading.TryRead(out _));
        await AssertEndsCleanlyAsync(reading);
        Assert.False(reading.TryRead(out _));
        await AssertEndsCleanlyAsync(reading);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public virtual async Task A_failure_is_told_by_ReadAsync_only(Writer writer)
    {
        var small = new TransportBounds { MaxFrameBytes = 16 * 1024 };
        var large = new TransportBounds { MaxFrameBytes = 1024 * 1024 };
        var pair = writer == Writer.Dialler ? await CreatePairAsync(large, small) : await CreatePairAsync(small, large);
        var (writing, reading) = pair.Ends(writer);
        await AskForNumberedAsync(writing, reading, 2);
        await WriteAsync(writing, Messages.Numbered(reading, 0));
        await WriteAsync(writing, Messages.Numbered(reading, 1, padding: 256 * 1024));
        await ReadNumberedAsync(reading, 0);

        // It gives false before the failure is known, when it meets it, and afterwards.
        for (var round = 0; round < 3; round++)
        {
            Assert.False(reading.TryRead(out _));
        }

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(reading.ReadAsync()));
        Assert.Equal(LinkError.TooLarge, failure.Error);
        Assert.False(reading.TryRead(out _));
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task After_disposal_there_is_none(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await WriteNumberedAsync(writing, reading);
        await ReadNumberedAsync(reading, 0);
        await Within.Deadline(reading.DisposeAsync());
        Assert.False(reading.TryRead(out _));
        await AssertEndsCleanlyAsync(reading);
        Assert.False(reading.TryRead(out _));
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Disposal_may_come_while_envelopes_are_taken(Writer writer)
    {
        for (var round = 0; round < 20; round++)
        {
            var (writing, reading) = (await CreatePairAsync()).Ends(writer);
            await WriteNumberedAsync(writing, reading);
            await ReadNumberedAsync(reading, 0);
            var number = 1;
            var disposal = Task.Run(() => Within.Deadline(reading.DisposeAsync()));
            while (reading.TryRead(out var envelope))
            {
                Messages.AssertEqual(Messages.Numbered(reading, number++), envelope);
            }

            await disposal;
            Assert.False(reading.TryRead(out _));
        }
    }

    private static async Task WriteNumberedAsync(IConnection writing, IConnection reading, int first = 0)
    {
        var messages = Enumerable.Range(first, Count).Select(number => Messages.Numbered(reading, number)).ToArray();
        await AskForAsync(writing, reading, messages);

        // Sent together, so that most have come when the first is read.
        foreach (var message in messages)
        {
            await WriteAsync(writing, message, more: true);
        }

        writing.Flush();
    }
}
