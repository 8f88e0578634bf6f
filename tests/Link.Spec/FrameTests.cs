using System.Text;
using Link.Abstractions;
using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md, "Frames": what happens to frames, good and bad.</summary>
public sealed class FrameTests : SpecTests
{
    private static readonly string Good = RawPeer.Frame("{\"id\":\"good\",\"sentBy\":\"raw\",\"data\":{}}");

    public static TheoryData<string, byte[]> Malformed() => new()
    {
        { "no JSON", "{bad json}\f"u8.ToArray() },
        { "a raw control character", "{\"type\":\"mes\u0001sage\",\"data\":\"{}\"}\f"u8.ToArray() },
        { "a trailing comma", "{\"type\":\"message\",\"data\":\"{}\",}\f"u8.ToArray() },
        { "text behind the value", "{\"type\":\"other\"} x\f"u8.ToArray() },
        { "a byte order mark", [0xef, 0xbb, 0xbf, .. "{\"type\":\"message\",\"data\":\"{}\"}\f"u8] },
        { "an invalid byte in the data", [.. "{\"type\":\"message\",\"data\":\"{\\\"id\\\":1,\\\"data\\\":\\\""u8, 0xff, .. "\\\"}\"}\f"u8] },
        { "an invalid byte in an unknown type", [.. "{\"type\":\""u8, 0xff, .. "\"}\f"u8] },
        { "100,000 levels", Encoding.ASCII.GetBytes(new string('[', 100_000) + new string(']', 100_000) + "\f") },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public async Task A_malformed_frame_closes_its_connection(string what, byte[] frame)
    {
        Assert.NotEmpty(what);
        var (receiver, disconnected) = await ReceiverAsync();
        var (other, peer) = (await DialAsync("test-two"), await DialAsync("test-two"));

        await peer.WriteAsync(frame);

        Assert.Equal(LinkError.ProtocolViolation, (await disconnected.Soon())?.Error);
        await peer.ClosedAsync();
        await other.WriteAsync(Good);
        Assert.Equal("good", (string?)(await other.ReceiveAsync())["id"]);
        Assert.True(receiver.IsStarted);
    }

    [Fact]
    public async Task A_malformed_frame_fails_the_requests_of_its_connection()
    {
        var (_, peer, _, sent) = await AskAsync(new { n = 1 });

        await peer.WriteAsync("{bad json}\f");

        var failure = await Assert.ThrowsAsync<LinkException>(() => sent.Soon());
        Assert.Equal((LinkError.ProtocolViolation, RequestFate.Unknown), (failure.Error, failure.Fate));
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_is_a_violation()
    {
        var (_, disconnected) = await ReceiverAsync();
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(Good[..20]);
        peer.EndWriting();

        Assert.Equal(LinkError.ProtocolViolation, (await disconnected.Soon())?.Error);
    }

    [Fact]
    public async Task A_stream_that_ends_between_frames_is_a_clean_end()
    {
        var (_, disconnected) = await ReceiverAsync();
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(Good);
        await peer.ReceiveAsync();
        peer.EndWriting();

        Assert.Null(await disconnected.Soon());
    }

    [Fact]
    public async Task A_frame_beyond_the_limit_closes_its_connection()
    {
        var (_, disconnected) = await ReceiverAsync(Wire with { MaxFrameBytes = 4096 });
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(new string(' ', 5000));

        Assert.Equal(LinkError.TooLarge, (await disconnected.Soon())?.Error);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"message\"")]
    [InlineData("{}")]
    [InlineData("{\"data\":\"{}\"}")]
    [InlineData("{\"type\":\"message\"}")]
    [InlineData("{\"type\":\"message\",\"data\":null}")]
    [InlineData("{\"type\":\"message\",\"data\":{\"test\":\"Hello!\"}}")]
    [InlineData("{\"type\":\"message\",\"data\":\"null\"}")]
    [InlineData("{\"type\":\"message\",\"data\":\"{bad json}\"}")]
    public async Task A_frame_that_is_no_message_is_dropped_and_reported(string frame)
    {
        var reported = Deadline.Signal<Exception>();
        var (receiver, _) = await ReceiverAsync();
        receiver.Error += (_, e) => reported.TrySetResult(e.Error);
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(frame + "\f" + Good);

        Assert.Equal("good", (string?)(await peer.ReceiveAsync())["id"]);
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await reported.Task.Soon()).Error);
    }

    [Theory]
    [InlineData("\f")]
    [InlineData("\f\f")]
    [InlineData("{\"type\":\"other\",\"data\":\"x\"}\f")]
    [InlineData("{\"type\":\"other\"}\f")]
    [InlineData("{\"type\":\"connect\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"start\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"error\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"close\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"destroy\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"disconnect\",\"data\":{}}\f")]
    [InlineData("{\"type\":\"socket.disconnected\",\"data\":{}}\f")]
    [InlineData(" \r\n\t")]
    public async Task What_the_original_forgives_is_forgiven(string input)
    {
        var errors = 0;
        var (receiver, disconnected) = await ReceiverAsync();
        receiver.Error += (_, _) => Interlocked.Increment(ref errors);
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(input + Good);
        Assert.Equal("good", (string?)(await peer.ReceiveAsync())["id"]);
        peer.EndWriting();

        Assert.Null(await disconnected.Soon());
        Assert.Equal(0, Volatile.Read(ref errors));
    }

    [Theory]
    [InlineData("{\"data\":\"{\\\"id\\\":\\\"good\\\"}\",\"type\":\"message\"}\f")]
    [InlineData(" { \"type\" : \"message\" , \"data\" : \"{\\\"id\\\":\\\"good\\\"}\" } \f")]
    [InlineData("{\"more\":{\"type\":1},\"type\":\"message\",\"data\":\"{\\\"id\\\":\\\"good\\\"}\",\"x\":[]}\f")]
    [InlineData("{\"type\":\"other\",\"data\":7,\"type\":\"message\",\"data\":\"{\\\"id\\\":\\\"good\\\"}\"}\f")]
    [InlineData("{\"\\u0074ype\":\"m\\u0065ssage\",\"data\":\"{\\\"id\\\":\\\"good\\\"}\"}\f")]
    public async Task Members_may_come_in_any_form_that_JSON_has(string frame)
    {
        await ReceiverAsync();
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(frame);

        Assert.Equal("good", (string?)(await peer.ReceiveAsync())["id"]);
    }

    [Fact]
    public async Task A_frame_is_delivered_although_the_next_is_unfinished()
    {
        await ReceiverAsync();
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(Good + Good[..20]);
        Assert.Equal("good", (string?)(await peer.ReceiveAsync())["id"]);
        await peer.WriteAsync(Good[20..]);
        Assert.Equal("good", (string?)(await peer.ReceiveAsync())["id"]);
    }

    [Fact]
    public async Task Several_frames_in_one_write_are_several_messages()
    {
        await ReceiverAsync();
        var peer = await DialAsync("test-two");

        await peer.WriteAsync(string.Concat(Enumerable.Range(0, 50).Select(n => RawPeer.Frame($"{{\"id\":{n}}}"))));

        var ids = new List<int>();
        while (ids.Count < 50)
        {
            ids.Add((int)(await peer.ReceiveAsync())["id"]!);
        }

        Assert.Equal(Enumerable.Range(0, 50), ids.Order());
    }

    [Fact]
    public async Task A_frame_may_come_byte_by_byte()
    {
        await ReceiverAsync();
        var peer = await DialAsync("test-two");

        foreach (var value in Encoding.UTF8.GetBytes(RawPeer.Frame("{\"id\":\"é漢😀\"}")))
        {
            await peer.WriteAsync([value]);
        }

        Assert.Equal("é漢😀", (string?)(await peer.ReceiveAsync())["id"]);
    }

    /// <summary>A receiver that replies to everything, and how the first connection to end ended.</summary>
    private async Task<(Server Receiver, Task<LinkException?> Disconnected)> ReceiverAsync(ServerOptions? options = null)
    {
        var disconnected = Deadline.Signal<LinkException?>();
        var receiver = await StartAsync("test-two", options ?? Wire, message => message.ReplyAsync(new { }));
        receiver.PeerDisconnected += (_, e) => disconnected.TrySetResult(e.Error);
        return (receiver, disconnected.Task);
    }
}
