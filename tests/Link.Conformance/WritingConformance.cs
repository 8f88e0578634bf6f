using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="IConnection"/> says of WriteAsync and Flush.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class WritingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    /// <summary>How many envelopes each of several writers sends at once: no more than the transport keeps for a reader that is late.</summary>
    protected virtual int EnvelopesOfEachWriter => 100;

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Envelopes_arrive_in_the_order_of_the_calls(Writer writer)
    {
        const int Count = 500;
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, Count);
        var writes = Enumerable.Range(0, Count).Select(number => writing.WriteAsync(Messages.Numbered(reading, number)).AsTask()).ToArray();
        for (var number = 0; number < Count; number++)
        {
            await ReadNumberedAsync(reading, number);
        }

        await Within.Deadline(Task.WhenAll(writes));
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Concurrent_writers_never_interleave(Writer writer)
    {
        const int Writers = 8;
        var each = EnvelopesOfEachWriter;
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, Writers * each);
        var tasks = Enumerable.Range(0, Writers).Select(start => Task.Run(async () =>
        {
            for (var round = 0; round < each; round++)
            {
                var number = (round * Writers) + start;
                await WriteAsync(writing, Messages.Numbered(reading, number, Padding(number)), more: number % 3 == 0);
                writing.Flush();
            }
        })).ToArray();

        var next = Enumerable.Range(0, Writers).ToArray();
        for (var count = 0; count < Writers * each; count++)
        {
            var received = await ReadAsync(reading);
            var writerOf = Array.FindIndex(next, number => Messages.Numbered(reading, number).Id == received.Id);
            Assert.True(writerOf >= 0, $"{received.Id} came out of its writer's order.");
            Messages.AssertEqual(Messages.Numbered(reading, next[writerOf], Padding(next[writerOf])), received);
            next[writerOf] += Writers;
        }

        await Within.Deadline(Task.WhenAll(tasks));

        static int Padding(int number) => number % 7 * 700;
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task What_was_written_with_more_arrives_after_a_flush(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, 10);
        for (var number = 0; number < 10; number++)
        {
            await WriteAsync(writing, Messages.Numbered(reading, number), more: true);
        }

        writing.Flush();
        for (var number = 0; number < 10; number++)
        {
            await ReadNumberedAsync(reading, number);
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_write_without_more_takes_those_before_it_along(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, 3);
        await WriteAsync(writing, Messages.Numbered(reading, 0), more: true);
        await WriteAsync(writing, Messages.Numbered(reading, 1), more: true);
        await WriteAsync(writing, Messages.Numbered(reading, 2));
        for (var number = 0; number < 3; number++)
        {
            await ReadNumberedAsync(reading, number);
        }
    }

    [Fact]
    public async Task Flushing_again_and_again_delivers_each_envelope_once()
    {
        var pair = await CreatePairAsync();
        for (var number = 0; number < 100; number++)
        {
            pair.Dialled.Flush();
            await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, number), more: true);
            pair.Dialled.Flush();
            pair.Dialled.Flush();
            await ReadNumberedAsync(pair.Accepted, number);
        }
    }

    [Fact]
    public async Task Flush_may_come_from_another_thread_than_the_write()
    {
        var pair = await CreatePairAsync();
        using var done = new CancellationTokenSource();
        var flushing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                pair.Dialled.Flush();
                await Task.Yield();
            }
        });

        for (var number = 0; number < 200; number++)
        {
            await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, number), more: true);
            await ReadNumberedAsync(pair.Accepted, number);
        }

        await done.CancelAsync();
        await Within.Deadline(flushing);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Payload_memory_may_be_reused_after_the_write(bool more)
    {
        const int Count = 50;
        var pair = await CreatePairAsync();
        byte[] memory = [];
        for (var number = 0; number < Count; number++)
        {
            var message = Messages.Request(RequestId.FromString($"id{number}"), $$"""{"n":{{100 + number}}}""");
            memory = memory.Length == 0 ? new byte[message.Payload.Utf8.Length] : memory;
            message.Payload.Utf8.CopyTo(memory);
            await WriteAsync(pair.Dialled, message with { Payload = new Payload(memory) }, more);
            memory.AsSpan().Clear();
        }

        pair.Dialled.Flush();
        for (var number = 0; number < Count; number++)
        {
            Assert.Equal($$"""{"n":{{100 + number}}}""", (await ReadAsync(pair.Accepted)).Payload.ToString());
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task An_envelope_that_is_too_large_is_refused_whole(Writer writer)
    {
        var bounds = new TransportBounds { MaxFrameBytes = 64 * 1024 };
        var (writing, reading) = (await CreatePairAsync(bounds)).Ends(writer);
        await AskForNumberedAsync(writing, reading, 4);
        await WriteAsync(writing, Messages.Numbered(reading, 0));
        await AssertNotSentAsync(LinkError.TooLarge, () => writing.WriteAsync(Messages.Numbered(reading, 1, padding: 64 * 1024)));
        await AssertNotSentAsync(LinkError.TooLarge, () => writing.WriteAsync(Messages.Numbered(reading, 2, padding: 1024 * 1024), more: true));
        await WriteAsync(writing, Messages.Numbered(reading, 3, padding: 16 * 1024));

        await ReadNumberedAsync(reading, 0);
        await ReadNumberedAsync(reading, 3, padding: 16 * 1024);
        await AssertCarriesAsync(writing, reading);
    }

    [Theory]
    [InlineData(Writer.Dialler, false)]
    [InlineData(Writer.Acceptor, false)]
    [InlineData(Writer.Dialler, true)]
    public virtual async Task A_reader_that_does_not_read_gets_no_endless_backlog(Writer writer, bool more)
    {
        const int Padding = 16 * 1024;
        const int FarTooMuch = 64 * 1024 * 1024;
        var bounds = new TransportBounds { MaxFrameBytes = 64 * 1024, BacklogBytes = 256 * 1024 };
        var (writing, reading) = (await CreatePairAsync(bounds)).Ends(writer);

        var accepted = 0;
        LinkException? refusal = null;
        while (refusal is null && accepted * Padding < FarTooMuch)
        {
            await AskForAsync(writing, reading, Messages.Numbered(reading, accepted));
            try
            {
                await WriteAsync(writing, Messages.Numbered(reading, accepted, Padding), more);
                accepted++;
            }
            catch (LinkException exception)
            {
                refusal = exception;
            }
        }

        Assert.NotNull(refusal);
        Assert.Equal(LinkError.Overloaded, refusal.Error);
        Assert.Equal(RequestFate.NotSent, refusal.Fate);
        Assert.True(accepted * Padding >= bounds.BacklogBytes / 2, $"Refused after {accepted} envelopes: the backlog is not full.");

        await Within.Deadline(Task.Run(writing.Flush));
        for (var number = 0; number < accepted; number++)
        {
            await ReadNumberedAsync(reading, number, Padding);
        }

        // What was refused never comes, and there is room again.
        await AssertCarriesAsync(writing, reading);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_write_cancelled_before_it_began_sends_nothing(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Within.Deadline(writing.WriteAsync(Messages.Numbered(reading, 1), cancellationToken: new CancellationToken(canceled: true))));
        await AssertCarriesAsync(writing, reading);
    }

    [Fact]
    public async Task Cancelling_after_the_write_was_accepted_changes_nothing()
    {
        var pair = await CreatePairAsync();
        using var cancellation = new CancellationTokenSource();
        await Within.Deadline(pair.Dialled.WriteAsync(Messages.Numbered(pair.Accepted, 0), more: true, cancellation.Token));
        await cancellation.CancelAsync();
        pair.Dialled.Flush();
        await ReadNumberedAsync(pair.Accepted, 0);
        await AssertCarriesAsync(pair.Dialled, pair.Accepted);
    }

    [Fact]
    public async Task Writes_go_on_while_a_read_is_under_way()
    {
        var pair = await CreatePairAsync();
        await AskForAsync(pair.Accepted, pair.Dialled, Messages.Numbered(pair.Dialled, 1));
        var read = pair.Dialled.ReadAsync().AsTask();

        // A request: nothing may be read where a read is under way.
        var request = Messages.Request(RequestId.FromString("beside"), "{}");
        await WriteAsync(pair.Dialled, request);
        Messages.AssertEqual(request, await ReadAsync(pair.Accepted), pair.Dialled.Peer);
        await WriteAsync(pair.Accepted, Messages.Numbered(pair.Dialled, 1));
        Assert.NotNull(await Within.Deadline(read));
    }
}
