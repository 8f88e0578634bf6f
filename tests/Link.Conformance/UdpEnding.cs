using System.Globalization;
using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>How connections end over UDP: on their own side at once, on the other by silence.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpEnding<T> : EndingConformance<T>
    where T : UdpUnderTest, new()
{
    public override async Task A_waiting_read_ends_when_the_other_side_disposes(Writer writer)
    {
        var (disposing, reading) = (await CreatePairAsync()).Ends(writer);
        var read = reading.ReadAsync().AsTask();
        await Within.Deadline(disposing.DisposeAsync());
        Subject.Clock.Advance(UdpUnderTest.IdleTimeout / 2);
        Assert.False(read.IsCompleted);

        Subject.Clock.Advance(UdpUnderTest.IdleTimeout / 2);
        Assert.Null(await Within.Deadline(read));
        await AssertEndsCleanlyAsync(reading);
    }

    public override async Task Disposal_during_writes_refuses_the_rest_and_cuts_none(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        using var begun = new SemaphoreSlim(0);
        var last = 0;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (await IsAcceptedAsync(writing, Messages.Numbered(reading, Interlocked.Increment(ref last), padding: 2000)))
            {
                begun.Release();
            }
        })).ToArray();
        var reader = Task.Run(async () =>
        {
            // Some may be lost, none may be cut.
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

        // Again and again: what is still on its way when the clock moves keeps the peer alive.
        await Within.Until(() =>
        {
            Subject.LetEndsBeNoticed();
            return reader.IsCompleted;
        });
        await reader;
    }

    public override async Task The_end_of_one_connection_leaves_the_others_alone()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        var second = await ConnectAsync(dialler, name);
        var secondAccepted = await AcceptAsync(acceptor);

        await Within.Deadline(first.DisposeAsync());
        Subject.Clock.Advance(UdpUnderTest.IdleTimeout / 2);
        await AssertCarriesAsync(second, secondAccepted);
        Subject.Clock.Advance(UdpUnderTest.IdleTimeout / 2);
        Assert.Null(await Within.Deadline(firstAccepted.ReadAsync()));
        await AssertCarriesAsync(second, secondAccepted);
        await AssertCarriesAsync(secondAccepted, second);
    }

    /// <summary>False once the connection is closed.</summary>
    private static async Task<bool> IsAcceptedAsync(IConnection writing, Envelope envelope)
    {
        try
        {
            await WriteAsync(writing, envelope);
        }
        catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
        {
            await Task.Yield();
        }
        catch (LinkException exception)
        {
            Assert.Equal(LinkError.ConnectionLost, exception.Error);
            Assert.Equal(RequestFate.NotSent, exception.Fate);
            return false;
        }

        return true;
    }
}
