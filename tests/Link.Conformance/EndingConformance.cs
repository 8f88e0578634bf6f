using System.Globalization;
using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="IConnection"/> says of its end: the clean end, disposal at any time, and what no longer works afterwards.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class EndingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task What_was_written_before_disposal_is_read_before_the_clean_end(Writer writer)
    {
        const int Count = 100;
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, Count);
        for (var number = 0; number < Count; number++)
        {
            await WriteAsync(writing, Messages.Numbered(reading, number, padding: 500));
        }

        var disposal = writing.DisposeAsync();
        for (var number = 0; number < Count; number++)
        {
            await ReadNumberedAsync(reading, number, padding: 500);
        }

        await AssertEndsCleanlyAsync(reading);
        await Within.Deadline(disposal);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public virtual async Task A_waiting_read_ends_when_the_other_side_disposes(Writer writer)
    {
        var (disposing, reading) = (await CreatePairAsync()).Ends(writer);
        var read = reading.ReadAsync().AsTask();
        await Within.Deadline(disposing.DisposeAsync());
        Assert.Null(await Within.Deadline(read));
        await AssertEndsCleanlyAsync(reading);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_waiting_read_ends_when_its_own_side_disposes(Writer writer)
    {
        var (disposing, _) = (await CreatePairAsync()).Ends(writer);
        var read = disposing.ReadAsync().AsTask();
        await Within.Deadline(disposing.DisposeAsync());
        Assert.Null(await Within.Deadline(read));
        await AssertEndsCleanlyAsync(disposing);
    }

    [Fact]
    public async Task Reading_after_disposal_gives_null_even_if_something_was_left_to_read()
    {
        var pair = await CreatePairAsync();
        await AssertCarriesAsync(pair.Dialled, pair.Accepted);
        await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, 1));
        await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, 2));
        await Within.Deadline(pair.Accepted.DisposeAsync());
        await AssertEndsCleanlyAsync(pair.Accepted);
        await ReadToEndAsync(pair.Dialled);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_disposed_connection_refuses_writes(Writer writer)
    {
        var (disposed, other) = (await CreatePairAsync()).Ends(writer);
        await Within.Deadline(disposed.DisposeAsync());
        await AssertNotSentAsync(LinkError.ConnectionLost, () => disposed.WriteAsync(Messages.Numbered(other, 0)));
        await AssertNotSentAsync(LinkError.ConnectionLost, () => disposed.WriteAsync(Messages.Numbered(other, 1), more: true));
        disposed.Flush();
        await AssertEndsCleanlyAsync(other);
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task A_connection_whose_other_side_is_gone_soon_refuses_writes(Writer writer)
    {
        var (gone, left) = (await CreatePairAsync()).Ends(writer);
        await Within.Deadline(gone.DisposeAsync());
        await AssertEndsCleanlyAsync(left);

        // A write may still be accepted, but then it cannot be delivered, and that ends the connection.
        await Within.Until(async () =>
        {
            try
            {
                await WriteAsync(left, Messages.Numbered(gone, 0));
                return false;
            }
            catch (LinkException exception)
            {
                Assert.Equal(LinkError.ConnectionLost, exception.Error);
                Assert.Equal(RequestFate.NotSent, exception.Fate);
                return true;
            }
        });
    }

    [Fact]
    public async Task Flush_never_throws()
    {
        var pair = await CreatePairAsync();
        pair.Dialled.Flush();
        await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, 0), more: true);
        await Within.Deadline(pair.Accepted.DisposeAsync());
        pair.Dialled.Flush();
        pair.Dialled.Flush();
        await ReadToEndAsync(pair.Dialled);
        pair.Dialled.Flush();
        pair.Accepted.Flush();
        await Within.Deadline(pair.Dialled.DisposeAsync());
        pair.Dialled.Flush();
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public async Task Disposal_may_be_repeated_and_may_overlap(Writer writer)
    {
        var (disposing, other) = (await CreatePairAsync()).Ends(writer);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Within.Deadline(disposing.DisposeAsync()))));
        await Within.Deadline(disposing.DisposeAsync());
        await AssertEndsCleanlyAsync(other);
    }

    [Fact]
    public async Task Both_sides_may_dispose_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var pair = await CreatePairAsync();
            var reads = new[] { pair.Dialled.ReadAsync().AsTask(), pair.Accepted.ReadAsync().AsTask() };
            await Task.WhenAll(
                Task.Run(() => Within.Deadline(pair.Dialled.DisposeAsync())),
                Task.Run(() => Within.Deadline(pair.Accepted.DisposeAsync())));
            Assert.Null(await Within.Deadline(reads[0]));
            Assert.Null(await Within.Deadline(reads[1]));
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public virtual async Task Disposal_during_writes_refuses_the_rest_and_cuts_none(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        await AskForNumberedAsync(writing, reading, 100);
        using var begun = new SemaphoreSlim(0);
        var last = -1;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    // The first hundred have been asked for.
                    var number = Interlocked.Increment(ref last);
                    await WriteAsync(writing, Messages.Numbered(reading, number, padding: 2000), more: number % 2 == 0);
                    begun.Release();
                }
                catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
                {
                    await Task.Yield();
                }
                catch (LinkException exception)
                {
                    Assert.Equal(LinkError.ConnectionLost, exception.Error);
                    Assert.Equal(RequestFate.NotSent, exception.Fate);
                    return;
                }
            }
        })).ToArray();
        var reader = Task.Run(async () =>
        {
            while (await Within.Deadline(reading.ReadAsync()) is { } received)
            {
                var number = int.Parse(received.Id.ToString().AsSpan(2), CultureInfo.InvariantCulture);
                Messages.AssertEqual(Messages.Numbered(reading, number, padding: 2000), received);
            }
        });

        for (var count = 0; count < 100; count++)
        {
            Assert.True(await begun.WaitAsync(Within.Default));
        }

        await Within.Deadline(writing.DisposeAsync());
        await Within.Deadline(Task.WhenAll(writers));
        await Within.Deadline(reader);
    }

    [Fact]
    public virtual async Task The_end_of_one_connection_leaves_the_others_alone()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        var second = await ConnectAsync(Again(dialler), name);
        var secondAccepted = await AcceptAsync(acceptor);

        await Within.Deadline(first.DisposeAsync());
        await AssertEndsCleanlyAsync(firstAccepted);
        await AssertCarriesAsync(second, secondAccepted);
        await AssertCarriesAsync(secondAccepted, second);
    }

    [Fact]
    public async Task After_the_end_the_same_name_can_be_dialled_again()
    {
        var pair = await CreatePairAsync();
        await Within.Deadline(pair.Accepted.DisposeAsync());
        await AssertEndsCleanlyAsync(pair.Dialled);

        var again = await ConnectAsync(pair.Dialler, pair.Name);
        Assert.NotSame(pair.Dialled, again);
        await AssertCarriesAsync(again, await AcceptAsync(pair.Acceptor));
        await AssertEndsCleanlyAsync(pair.Dialled);
    }
}
