using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="IConnection"/> says of ReadAsync.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class ReadingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_waiting_read_gets_the_next_envelope(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        var sent = Messages.Numbered(reading, 1);
        await AskForAsync(writing, reading, sent);
        var read = reading.ReadAsync().AsTask();
        Assert.False(read.IsCompleted);
        await WriteAsync(writing, sent);
        var received = await Within.Deadline(read);
        Assert.NotNull(received);
        Messages.AssertEqual(sent, received.Value);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_cancelled_read_harms_nothing(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        using var cancellation = new CancellationTokenSource();
        var read = reading.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(read));

        await AssertCarriesAsync(writing, reading);
        await AssertCarriesAsync(reading, writing);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Reads_cancelled_at_any_time_lose_no_envelope(Writer writer)
    {
        const int Count = 150;
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, Count);
        var writes = Task.Run(async () =>
        {
            for (var number = 0; number < Count; number++)
            {
                await WriteAsync(writing, Messages.Numbered(reading, number, padding: number * 20));
                await Task.Yield();
            }
        });

        for (var number = 0; number < Count;)
        {
            using var cancellation = new CancellationTokenSource();
            var cancelled = Task.Run(cancellation.Cancel);
            if (await TryReadAsync(reading, cancellation.Token) is { } received)
            {
                Messages.AssertEqual(Messages.Numbered(reading, number, padding: number * 20), received);
                number++;
            }

            await cancelled;
        }

        await Within.Deadline(writes);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task The_memory_of_an_envelope_belongs_to_its_reader_for_good(Writer writer)
    {
        const int Count = 200;
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, Count);
        var kept = new List<Envelope>();
        for (var number = 0; number < Count; number++)
        {
            await WriteAsync(writing, Messages.Numbered(reading, number, padding: number % 5 * 300));
            kept.Add(await ReadAsync(reading));
        }

        await Within.Deadline(writing.DisposeAsync());
        await Within.Deadline(reading.DisposeAsync());
        for (var number = 0; number < Count; number++)
        {
            Messages.AssertEqual(Messages.Numbered(reading, number, padding: number % 5 * 300), kept[number]);
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_reader_that_blocks_does_not_hold_up_the_writer(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, 2);
        using var release = new ManualResetEventSlim();
        var blocked = Task.Run(async () =>
        {
            await ReadAsync(reading);
            Assert.True(release.Wait(Within.Default));
        });

        await Task.Run(() => WriteAsync(writing, Messages.Numbered(reading, 0)));
        await Task.Run(() => WriteAsync(writing, Messages.Numbered(reading, 1)));
        release.Set();
        await Within.Deadline(blocked);
        await ReadNumberedAsync(reading, 1);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public virtual async Task An_envelope_larger_than_the_readers_limit_ends_the_connection(Writer writer)
    {
        var small = new TransportBounds { MaxFrameBytes = 16 * 1024 };
        var large = new TransportBounds { MaxFrameBytes = 1024 * 1024 };
        var pair = writer == Writer.Dialler ? await CreatePairAsync(large, small) : await CreatePairAsync(small, large);
        var (writing, reading) = pair.Ends(writer);
        await AskForNumberedAsync(writing, reading, 2);
        await WriteAsync(writing, Messages.Numbered(reading, 0));
        await WriteAsync(writing, Messages.Numbered(reading, 1, padding: 256 * 1024));

        await ReadNumberedAsync(reading, 0);
        var first = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(reading.ReadAsync()));
        Assert.Equal(LinkError.TooLarge, first.Error);
        await AssertStaysEndedAsync(reading, LinkError.TooLarge);
        await AssertNotSentAsync(LinkError.ConnectionLost, () => reading.WriteAsync(Messages.Numbered(writing, 2)));
        await ReadToEndAsync(writing);
    }

    [Fact]
    public async Task Both_ends_may_write_and_read_at_once()
    {
        const int Count = 200;
        var pair = await CreatePairAsync();

        // Replies and requests have ids of their own.
        await AskForNumberedAsync(pair.Accepted, pair.Dialled, Count);
        await Task.WhenAll(
            WriteAllAsync(pair.Dialled, pair.Accepted, Count),
            WriteAllAsync(pair.Accepted, pair.Dialled, 0),
            ReadAllAsync(pair.Accepted, Count),
            ReadAllAsync(pair.Dialled, 0));

        static Task WriteAllAsync(IConnection writing, IConnection reading, int first) => Task.Run(async () =>
        {
            for (var number = first; number < first + Count; number++)
            {
                await WriteAsync(writing, Messages.Numbered(reading, number, padding: 1000));
            }
        });

        static Task ReadAllAsync(IConnection reading, int first) => Task.Run(async () =>
        {
            for (var number = first; number < first + Count; number++)
            {
                await ReadNumberedAsync(reading, number, padding: 1000);
            }
        });
    }

    /// <summary>Every later read gives null or the same failure.</summary>
    private static async Task AssertStaysEndedAsync(IConnection connection, LinkError error)
    {
        for (var round = 0; round < 2; round++)
        {
            try
            {
                Assert.Null(await Within.Deadline(connection.ReadAsync()));
            }
            catch (LinkException exception)
            {
                Assert.Equal(error, exception.Error);
            }
        }
    }

    private static async Task<Envelope?> TryReadAsync(IConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var envelope = await Within.Deadline(connection.ReadAsync(cancellationToken));
            Assert.NotNull(envelope);
            return envelope;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
