using System.Globalization;
using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Payloads over UDP: as large as a datagram, no larger.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpEnvelopes<T> : EnvelopeConformance<T>
    where T : UdpUnderTest, new()
{
    public override async Task A_payload_of_a_mebibyte_arrives(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        var mebibyte = Messages.Carrying(reading, $$"""{"text":"{{new string('x', 1024 * 1024)}}"}""");
        await AssertNotSentAsync(LinkError.TooLarge, () => writing.WriteAsync(mebibyte));

        // What surrounds it takes less than the rest of the 65,507.
        var largest = Messages.Carrying(reading, $$"""{"text":"{{new string('x', 65_000)}}é漢😀"}""");
        await WriteAsync(writing, largest);
        Messages.AssertEqual(largest, await ReadAsync(reading));
        await AssertCarriesAsync(writing, reading);
    }
}

/// <summary>Reading over UDP: the bound of a datagram is one of the writer.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpReading<T> : ReadingConformance<T>
    where T : UdpUnderTest, new()
{
    public override async Task An_envelope_larger_than_the_readers_limit_ends_the_connection(Writer writer)
    {
        var small = new TransportBounds { MaxFrameBytes = 16 * 1024 };
        var large = new TransportBounds { MaxFrameBytes = 64 * 1024 };
        var pair = writer == Writer.Dialler ? await CreatePairAsync(large, small) : await CreatePairAsync(small, large);
        var (writing, reading) = pair.Ends(writer);
        await AssertNotSentAsync(LinkError.TooLarge, () => reading.WriteAsync(Messages.Numbered(writing, 0, padding: 32 * 1024)));

        // No larger than any datagram: it need not end anything.
        await WriteAsync(writing, Messages.Numbered(reading, 1, padding: 32 * 1024));
        await ReadNumberedAsync(reading, 1, padding: 32 * 1024);
        await AssertCarriesAsync(reading, writing);
    }
}

/// <summary>Failures over UDP: only who dialled can learn that nobody is there any more.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpTryReading<T> : TryReadConformance<T>
    where T : UdpUnderTest, new()
{
    public override async Task A_failure_is_told_by_ReadAsync_only(Writer writer)
    {
        var pair = await CreatePairAsync();
        if (writer == Writer.Dialler)
        {
            // To who accepted it is silence, and silence is no failure.
            await Within.Deadline(pair.Dialled.DisposeAsync());
            await WriteAsync(pair.Accepted, Messages.Numbered(pair.Dialled, 1));
            Assert.False(pair.Accepted.TryRead(out _));
            await AssertEndsCleanlyAsync(pair.Accepted);
            return;
        }

        await Within.Deadline(pair.Acceptor.UnbindAsync());
        await Within.Deadline(pair.Accepted.DisposeAsync());
        await WriteAsync(pair.Dialled, Messages.Numbered(pair.Accepted, 1));
        for (var round = 0; round < 3; round++)
        {
            Assert.False(pair.Dialled.TryRead(out _));
        }

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(pair.Dialled.ReadAsync()));
        Assert.Equal(LinkError.ConnectionLost, failure.Error);
        Assert.False(pair.Dialled.TryRead(out _));
    }
}

/// <summary>Writing over UDP: nobody waits for a slow reader, who loses what does not fit.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpWriting<T> : WritingConformance<T>
    where T : UdpUnderTest, new()
{
    // What the kernel's buffer holds in any case: beyond, some may be lost.
    protected override int EnvelopesOfEachWriter => 10;

    public override async Task A_reader_that_does_not_read_gets_no_endless_backlog(Writer writer, bool more)
    {
        const int Padding = 16 * 1024;
        const int Mark = 1_000_000;

        // More than the backlog and what the kernel keeps.
        const int FarTooMany = 512;
        var bounds = new TransportBounds { MaxFrameBytes = 64 * 1024, BacklogBytes = 256 * 1024 };
        var (writing, reading) = (await CreatePairAsync(bounds)).Ends(writer);
        for (var number = 0; number < FarTooMany; number++)
        {
            await WriteAsync(writing, Messages.Numbered(reading, number, Padding), more);
        }

        // What came is whole and in order, and there is room again.
        var received = new List<int>();
        var marks = 0;
        await Within.Until(async () =>
        {
            await WriteAsync(writing, Messages.Numbered(reading, Mark + marks++));
            while (reading.TryRead(out var envelope))
            {
                var number = int.Parse(envelope.Id.ToString().AsSpan(2), CultureInfo.InvariantCulture);
                Messages.AssertEqual(Messages.Numbered(reading, number, number < Mark ? Padding : 0), envelope);
                received.Add(number);
            }

            return received.Count > 0 && received[^1] >= Mark;
        });

        Assert.Equal(received.Distinct().Order(), received);
        Assert.InRange(received.Count(number => number < Mark), 1, FarTooMany - 1);
    }
}
