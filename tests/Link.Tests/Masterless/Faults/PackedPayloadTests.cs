using Link.Abstractions;
using Link.Masterless;
using Link.Testing;
using Link.Tests.Masterless.Transport;

namespace Link.Tests.Masterless.Faults;

/// <summary>What JSON can say and MessagePack, or the protocol on it, cannot: it fails before it is sent, and alone.</summary>
public sealed class PackedPayloadTests : Transport.MeshScene
{
    private MeshOptions Packed => Quiet with { Format = MeshFormat.MessagePack };

    [Fact]
    public async Task A_reply_that_would_be_taken_for_a_packet_of_the_protocol_is_refused()
    {
        var failed = new TaskCompletionSource<LinkException>();
        await StartAsync(
            "answering",
            async message =>
            {
                try
                {
                    await message.ReplyAsync(message.Data);
                }
                catch (LinkException exception)
                {
                    failed.TrySetResult(exception);
                    await message.ReplyAsync(new { code = "RESERVED" }, success: false);
                }
            },
            Packed);
        var asking = Make("asking", Packed);
        var data = Newtonsoft.Json.Linq.JObject.Parse("""{"$masterless":{"keep":false}}""");

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(asking.SendAsync("answering", data)));

        Assert.Equal("RESERVED", rejection.Code);
        Assert.Equal(LinkError.InvalidData, (await Within.Deadline(failed.Task)).Error);
    }

    [Fact]
    public async Task What_its_reader_would_refuse_is_not_sent()
    {
        await StartAsync("answering", message => message.ReplyAsync(new { ok = true }), Packed);
        var asking = Make("asking", Packed);
        var empty = Enumerable.Repeat(Array.Empty<byte>(), 20_000).ToArray();

        var failure = await FailsAsync(LinkError.InvalidData, () => asking.SendAsync("answering", new { empty }));

        Assert.Equal(RequestFate.NotSent, failure.Fate);
        Assert.True((bool)(await Within.Deadline(asking.SendAsync("answering", new { })))["ok"]!);
    }

    [Fact]
    public async Task Nor_does_a_node_send_it()
    {
        await using var one = new MeshNode("one", Packed);
        await using var two = new MeshNode("two", Packed);
        await two.StartAsync();
        await one.StartAsync();
        await Within.Deadline(one.ConnectAsync(two.Info!));

        await FailsAsync(LinkError.InvalidData, () => one.SendAsync("two", new { empty = Enumerable.Repeat(Array.Empty<byte>(), 20_000) }));

        Assert.True(await one.SendAsync("two", new { }));
    }
}
