using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Streams;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>Bytes without frames: <see cref="IpcOptions.RawBuffer"/>.</summary>
public sealed class RawModeTests : IpcTest
{
    private static readonly byte[] EveryByte = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Fact]
    public async Task Bytes_come_unchanged_in_both_directions()
    {
        var (server, client) = await MakePairAsync(options => options with { RawBuffer = true });
        var received = new Collected(EveryByte.Length);
        server.Server.Data += (_, e) => _ = e.Socket.EmitRawAsync(e.Bytes);
        client.Data += (_, e) => received.Add(e.Bytes);

        await client.EmitRawAsync(EveryByte);

        Assert.Equal(EveryByte, await received.AllAsync());
    }

    [Fact]
    public async Task Many_bytes_come_in_order_whatever_the_limit_of_a_frame()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        var (server, client) = await MakePairAsync(options => options with
        {
            RawBuffer = true, MaxQueuedEvents = 3, Limits = new StreamLimits { MaxFrameBytes = 1000 },
        });
        var received = new Collected(bytes.Length);
        server.Server.Data += (_, e) =>
        {
            Assert.InRange(e.Bytes.Length, 1, 1000);
            received.Add(e.Bytes);
        };

        foreach (var chunk in bytes.Chunk(1000))
        {
            await client.EmitRawAsync(chunk);
        }

        Assert.Equal(bytes, await received.AllAsync());
    }

    [Theory]
    [InlineData(IpcEncoding.Utf8, "é漢😀\f", "c3a9e6bca2f09f98800c")]
    [InlineData(IpcEncoding.Ascii, "aé", "61e9")]
    [InlineData(IpcEncoding.Latin1, "aé漢", "61e922")]
    [InlineData(IpcEncoding.Utf16Le, "a漢", "6100226f")]
    [InlineData(IpcEncoding.Hex, "00fF7b", "00ff7b")]
    [InlineData(IpcEncoding.Base64, "AP97", "00ff7b")]
    public async Task Text_goes_out_in_its_encoding_without_frame_and_delimiter(IpcEncoding encoding, string text, string hex)
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var ipc = Make("hello", options => options with { RawBuffer = true, Encoding = encoding });
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));
        using var peer = await listener.AcceptAsync();

        await client.EmitRawAsync(text);
        await Within.Deadline(ipc.DisconnectAsync("world"));

        Assert.Equal(hex, Convert.ToHexStringLower(await ReadToEndAsync(peer)));
    }

    [Theory]
    [InlineData(IpcEncoding.Hex, "0g")]
    [InlineData(IpcEncoding.Hex, "0")]
    [InlineData(IpcEncoding.Base64, "?")]
    public async Task Text_that_is_not_in_its_encoding_is_refused(IpcEncoding encoding, string text)
    {
        var (_, client) = await MakePairAsync(options => options with { RawBuffer = true, Encoding = encoding });

        Assert.Equal(LinkError.InvalidData, (await Assert.ThrowsAsync<LinkException>(() => client.EmitRawAsync(text))).Error);
    }

    [Fact]
    public async Task Messages_need_frames_and_bytes_need_none()
    {
        var (raw, rawClient) = await MakePairAsync(options => options with { RawBuffer = true });
        var framed = Make("framed");

        await Assert.ThrowsAsync<InvalidOperationException>(() => rawClient.EmitAsync("message"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => raw.Server.BroadcastAsync("message"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => framed.Server.BroadcastRawAsync(EveryByte));
    }

    [Fact]
    public async Task Bytes_reach_every_connection()
    {
        var (server, client) = await MakePairAsync(options => options with { RawBuffer = true });
        var other = await Within.Deadline(Make("other", options => options with { RawBuffer = true }).ConnectToAsync("world"));
        Collected[] received = [new(EveryByte.Length), new(EveryByte.Length)];
        client.Data += (_, e) => received[0].Add(e.Bytes);
        other.Data += (_, e) => received[1].Add(e.Bytes);
        await Within.Until(() => server.Server.Sockets.Count == 2);

        Assert.Equal(2, await server.Server.BroadcastRawAsync(EveryByte));

        Assert.Equal(EveryByte, await received[0].AllAsync());
        Assert.Equal(EveryByte, await received[1].AllAsync());
    }

    [Fact]
    public async Task With_sync_the_next_bytes_wait_for_any_answer()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await Within.Deadline(Make("hello", options => options with { RawBuffer = true, Sync = true }).ConnectToAsync("world"));
        using var peer = await listener.AcceptAsync();

        await client.EmitRawAsync("a\f");
        var second = client.EmitRawAsync("b\f");
        Assert.Equal("a", await peer.ReadFrameAsync());
        Assert.False(second.IsCompleted);
        await peer.SendAsync("x");
        await Within.Deadline(second);

        Assert.Equal("b", await peer.ReadFrameAsync());
    }

    private static async Task<byte[]> ReadToEndAsync(RawPeer peer)
    {
        using var all = new MemoryStream();
        await using var stream = new System.Net.Sockets.NetworkStream(peer.Socket);
        await Within.Deadline(stream.CopyToAsync(all));
        return all.ToArray();
    }

    /// <summary>So many bytes, put together again.</summary>
    private sealed class Collected(int length)
    {
        private readonly MemoryStream _bytes = new();
        private readonly TaskCompletionSource<byte[]> _all = new();

        public void Add(ReadOnlyMemory<byte> bytes)
        {
            _bytes.Write(bytes.Span);
            if (_bytes.Length >= length)
            {
                _all.TrySetResult(_bytes.ToArray());
            }
        }

        public Task<byte[]> AllAsync() => Within.Deadline(_all.Task);
    }
}
