using Link.Interop.Harness;
using Link.NodeIpc.Events;

namespace Link.Interop.Events;

/// <summary>Raw mode: bytes without frames. What is said of encodings is what node-ipc does to the bytes it receives.</summary>
[Collection(SecondNode.Name)]
public sealed class RawTests
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    public static TheoryData<Over> Streams => [Over.Unix, Over.Tcp, Over.Tls];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Every_byte_of_a_Node_client_reaches_our_server_unchanged(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { RawBuffer = true });
        var received = Collect(meeting.Ipc.Server);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await AddRawAsync(meeting, "utf8");
        await node.ConnectAsync();
        await node.HappenedAsync("connect");

        await node.EmitAsync(new { hex = Convert.ToHexString(AllBytes) });

        Assert.Equal(AllBytes, await received.TakeAsync(AllBytes.Length));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Every_byte_of_a_Node_server_reaches_our_client_unchanged(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { RawBuffer = true });
        var node = await AddRawAsync(meeting, "latin1", new { data = "echo bytes" });
        await node.ServeAsync();
        var received = Collect(meeting.Ipc.Of(EventMeeting.Node));
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await client.EmitRawAsync(AllBytes);

        Assert.Equal(AllBytes, await received.TakeAsync(AllBytes.Length));
        Assert.Equal(AllBytes, await node.BytesAsync(AllBytes.Length));
    }

    [Fact]
    public async Task Our_server_sends_bytes_to_one_client_and_to_all()
    {
        await using var meeting = await EventMeeting.StartAsync(options: options => options with { RawBuffer = true });
        meeting.Ipc.Server.Data += (_, args) => _ = args.Socket.EmitRawAsync(args.Bytes);
        await meeting.ServeAsync(meeting.Ipc);
        var (one, two) = (await AddRawAsync(meeting, "latin1", id: "one"), await AddRawAsync(meeting, "latin1", id: "two"));
        await two.ConnectAsync();
        await two.HappenedAsync("connect");
        await one.ConnectAsync();
        await one.HappenedAsync("connect");

        await one.EmitAsync(new { hex = "00ff" });
        Assert.Equal([0x00, 0xff], await one.BytesAsync(2));
        Assert.Equal(2, await meeting.Ipc.Server.BroadcastRawAsync(AllBytes));

        Assert.Equal([0x00, 0xff, .. AllBytes], await one.BytesAsync(2 + AllBytes.Length));
        Assert.Equal(AllBytes, await two.BytesAsync(AllBytes.Length));
    }

    [Theory]
    [InlineData("latin1")]
    [InlineData("hex")]
    public async Task In_these_encodings_Node_keeps_the_bytes_it_receives(string encoding) =>
        Assert.Equal(AllBytes, await ReceivedByNodeAsync(encoding, AllBytes.Length));

    [Fact]
    public async Task In_ascii_Node_clears_the_highest_bit_of_what_it_receives() =>
        Assert.Equal(AllBytes.Select(value => (byte)(value & 0x7f)), await ReceivedByNodeAsync("ascii", AllBytes.Length));

    [Fact]
    public async Task In_utf8_Node_replaces_what_is_no_text_in_what_it_receives()
    {
        byte[] expected = [.. AllBytes[..128], .. Enumerable.Repeat((byte[])[0xef, 0xbf, 0xbd], 128).SelectMany(replacement => replacement)];

        Assert.Equal(expected, await ReceivedByNodeAsync("utf8", expected.Length));
    }

    [Fact]
    public async Task In_base64_Node_holds_back_what_makes_no_group_of_three() =>
        Assert.Equal(AllBytes[..255], await ReceivedByNodeAsync("base64", 255));

    [Theory]
    [InlineData("utf8", IpcEncoding.Utf8, "é漢😀\f\0\ud83d|")]
    [InlineData("ascii", IpcEncoding.Ascii, "é漢😀\f\0\ud83d|")]
    [InlineData("latin1", IpcEncoding.Latin1, "é漢😀\f\0\ud83d|")]
    [InlineData("utf16le", IpcEncoding.Utf16Le, "é漢😀\f\0|")]
    [InlineData("hex", IpcEncoding.Hex, "00FFab10")]
    [InlineData("base64", IpcEncoding.Base64, "AP+/EA==")]
    public async Task Text_becomes_the_same_bytes_on_both_sides(string encoding, IpcEncoding ours, string text)
    {
        await using var meeting = await EventMeeting.StartAsync(options: options => options with { RawBuffer = true, Encoding = ours });
        var received = Collect(meeting.Ipc.Server);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await AddRawAsync(meeting, encoding);
        await node.ConnectAsync();
        await node.HappenedAsync("connect");
        var client = await meeting.ConnectAsync(meeting.Make("other"), EventMeeting.Sharp);

        await client.EmitRawAsync(text);
        var byUs = await received.TakeAsync(1);
        await node.EmitAsync(new { text });
        var byNode = await received.TakeAsync(1);

        Assert.Equal(byNode, byUs);
    }

    private static Task<EventNodePeer> AddRawAsync(EventMeeting meeting, string encoding, object? reactions = null, string id = EventMeeting.Node) =>
        meeting.AddAsync(id, reactions, new() { ["rawBuffer"] = true, ["encoding"] = encoding });

    private static async Task<byte[]> ReceivedByNodeAsync(string encoding, int count)
    {
        await using var meeting = await EventMeeting.StartAsync(options: options => options with { RawBuffer = true });
        var node = await AddRawAsync(meeting, encoding);
        await node.ServeAsync();
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await client.EmitRawAsync(AllBytes);
        return await node.BytesAsync(count);
    }

    private static Chunks Collect(IpcEvents events)
    {
        var chunks = new Chunks();
        events.Data += (_, args) => chunks.Seen.Add(args.Bytes.ToArray());
        return chunks;
    }

    /// <summary>What came, however it was cut.</summary>
    private sealed class Chunks
    {
        public Seen<byte[]> Seen { get; } = new();

        public async Task<byte[]> TakeAsync(int atLeast)
        {
            byte[] bytes = [];
            while (bytes.Length < atLeast)
            {
                bytes = [.. bytes, .. await Seen.NextAsync()];
            }

            return bytes;
        }
    }
}
