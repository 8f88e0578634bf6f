using Link.Abstractions;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Replay;

/// <summary>Raw JSON of the caller's: checked before it goes out, since one bad frame would end the connection for everybody on it.</summary>
public sealed class RawPayloadTests
{
    public static TheoryData<byte[]> Bad() =>
    [
        [.. "{\"a\":\""u8, 0xff, .. "\"}"u8],
        [.. "{\"a\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8],
        [.. "{\""u8, 0xc3, .. "\":1}"u8],
        "{\"a\":\"\f\"}"u8.ToArray(),
        "{\"a\":1}\f"u8.ToArray(),
        "{\"a\":1}{}"u8.ToArray(),
        "{\"a\":1"u8.ToArray(),
        "{\"a\":1,}"u8.ToArray(),
        [0xef, 0xbb, 0xbf, .. "{}"u8],
        [],
    ];

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task Bad_JSON_is_never_sent_as_a_request(byte[] json)
    {
        using var directory = new SocketDirectory();
        await using var sender = new Server("test-one", new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true });
        await using var receiver = await StartAsync(directory, message => message.ReplyAsync(new { ok = 1 }));
        Assert.Equal(1, (int)(await Within.Deadline(sender.SendAsync("test-two", new { n = 1 })))["ok"]!);

        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(sender.SendAsync("test-two", new Payload(json))));

        Assert.Equal(1, (int)(await Within.Deadline(sender.SendAsync("test-two", new { n = 2 })))["ok"]!);
        Assert.Equal(0, receiver.Statistics.TransportFaults);
    }

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task Bad_JSON_is_never_sent_as_a_reply(byte[] json)
    {
        using var directory = new SocketDirectory();
        await using var sender = new Server("test-one", new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true });
        await using var receiver = await StartAsync(directory, async message =>
        {
            await Assert.ThrowsAsync<ArgumentException>(() => message.ReplyAsync(new Payload(json)));
            await message.ReplyAsync(new { ok = 1 });
        });

        Assert.Equal(1, (int)(await Within.Deadline(sender.SendAsync("test-two", new { n = 1 })))["ok"]!);
    }

    private static async Task<Server> StartAsync(SocketDirectory directory, Func<Message, Task> handler)
    {
        var server = new Server("test-two", new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true });
        server.OnMessage(handler);
        await Within.Deadline(server.StartAsync());
        return server;
    }
}
