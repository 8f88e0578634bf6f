using Link.Abstractions;
using Link.Flic;
using Link.Streams;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets the nodes of a bridge join the suite: one bridge for each test.</summary>
public sealed class FlicUnderTest : TransportUnderTest
{
    private readonly FlicBridge _bridge = new(new FlicBridgeOptions { Port = 0 });
    private readonly Lazy<int> _port;

    public FlicUnderTest() => _port = new Lazy<int>(() => Task.Run(() => Within.Deadline(_bridge.StartAsync())).GetAwaiter().GetResult().Port);

    /// <inheritdoc/>
    public override bool OneConnectionPerPeer => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BadNames => ["", "a:b"];

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new FlicTransport(new FlicNodeOptions
    {
        Port = _port.Value,
        MaxConnections = bounds.MaxConnections,
        Limits = new StreamLimits { MaxFrameBytes = bounds.MaxFrameBytes, OutboundBacklogBytes = bounds.BacklogBytes },
    });

    /// <inheritdoc/>
    public override void Dispose()
    {
        Task.Run(() => Within.Deadline(_bridge.DisposeAsync())).GetAwaiter().GetResult();
        base.Dispose();
    }
}

public sealed class FlicBinding : SharedNameBinding<FlicUnderTest>;

public sealed class FlicDialling : DiallingConformance<FlicUnderTest>;

public sealed class FlicAccepting : AcceptingConformance<FlicUnderTest>;

public sealed class FlicReading : ReadingConformance<FlicUnderTest>;

public sealed class FlicEnding : EndingConformance<FlicUnderTest>;

public sealed class FlicEnvelopes : EnvelopeConformance<FlicUnderTest>;

public sealed class FlicDisposal : DisposalConformance<FlicUnderTest>;

public sealed class FlicLimits : LimitConformance<FlicUnderTest>;

public sealed class FlicTryReading : TryReadConformance<FlicUnderTest>;

/// <summary>Writing through a bridge, to which many connections lead: none of them holds it up, so who does not read is told so, and not who writes.</summary>
public sealed class FlicWriting : WritingConformance<FlicUnderTest>
{
    public override async Task A_reader_that_does_not_read_gets_no_endless_backlog(Writer writer, bool more)
    {
        const int Padding = 16 * 1024;
        const int Count = 40;
        var bounds = new TransportBounds { MaxFrameBytes = 64 * 1024, BacklogBytes = 256 * 1024 };
        var pair = await CreatePairAsync(bounds);
        if (writer == Writer.Acceptor)
        {
            await AskForNumberedAsync(pair.Accepted, pair.Dialled, Count);
        }

        var (writing, reading) = pair.Ends(writer);
        for (var number = 0; number < Count; number++)
        {
            await WriteWithRoomAsync(writing, Messages.Numbered(reading, number, Padding), more);
        }

        writing.Flush();
        if (writer == Writer.Acceptor)
        {
            await AssertFailsAsync(pair);
        }
        else
        {
            await AssertRefusesAsync(pair, Count);
        }
    }

    /// <summary>Replies cannot be refused: the connection ends.</summary>
    private async Task AssertFailsAsync(Pair pair)
    {
        await AssertEndsCleanlyAsync(pair.Accepted);
        var number = 0;
        var failure = await Assert.ThrowsAsync<LinkException>(async () =>
        {
            for (; ; number++)
            {
                await ReadNumberedAsync(pair.Dialled, number, 16 * 1024);
            }
        });
        Assert.Equal(LinkError.Overloaded, failure.Error);
        Assert.InRange(number, 8, 16);
    }

    /// <summary>Requests beyond the bound are refused one by one, and those before can be read.</summary>
    private static async Task AssertRefusesAsync(Pair pair, int count)
    {
        var refused = 0;
        for (RequestId last; ; refused++)
        {
            var reply = await ReadAsync(pair.Dialled);
            Assert.False(reply.Success);
            Assert.Equal(LinkError.Overloaded, reply.Failure?.Error);
            last = reply.Id;
            if (last == Messages.Numbered(pair.Accepted, count - 1).Id)
            {
                break;
            }
        }

        var kept = count - refused - 1;
        Assert.InRange(kept, 8, 16);
        for (var number = 0; number < kept; number++)
        {
            await ReadNumberedAsync(pair.Accepted, number, 16 * 1024);
        }

        await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, count));
        await ReadNumberedAsync(pair.Accepted, count);
    }

    /// <summary>Writes as soon as the backlog towards the bridge, which reads, has room.</summary>
    private static Task WriteWithRoomAsync(IConnection writing, Envelope envelope, bool more) => Within.Until(async () =>
    {
        try
        {
            await writing.WriteAsync(envelope, more);
            return true;
        }
        catch (LinkException exception) when (exception.Error is LinkError.Overloaded)
        {
            writing.Flush();
            return false;
        }
        catch (LinkException exception) when (exception.Error is LinkError.ConnectionLost)
        {
            // The other end has given up already.
            return true;
        }
    });
}
