using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Interop.Harness;

namespace Link.Interop;

/// <summary>Frames a node-ipc program may write that are no ipc-link messages.</summary>
[Collection(SecondNode.Name)]
public sealed class ForeignFrameTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly object[] OfOtherTypes =
    [
        .. new[]
        {
            "unknown", "connect", "start", "error", "data", "close", "disconnect", "destroy", "socket.disconnected", "undefined", "", "Message",
        }.Select(type => PlainNodePeer.Frame(type, new { id = "x" })),
        PlainNodePeer.Text(""),
    ];

    private static readonly object[] NoMessages =
    [
        PlainNodePeer.Frame("message", new { id = "x", data = new { } }),
        PlainNodePeer.Frame("message", 7),
        PlainNodePeer.Frame("message", new[] { 1 }),
        PlainNodePeer.Frame("message", true),
        PlainNodePeer.Frame("message", null),
        PlainNodePeer.Frame("message", "no JSON"),
        PlainNodePeer.Frame("message", "null"),
        PlainNodePeer.Frame("message", "7"),
        PlainNodePeer.Text("""{"type":"message"}"""),
    ];

    [Fact]
    public async Task Frames_of_other_types_are_passed_over_on_our_server()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();

        await WriteThenAskAsync(meeting, OfOtherTypes);

        Assert.Equal(0, meeting.Server.Statistics.TransportFaults);
    }

    [Fact]
    public async Task Frames_of_other_types_are_passed_over_before_a_reply()
    {
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ServeAsync([.. OfOtherTypes, PlainNodePeer.Frame("message", """{"success":true,"id":$ID}""")]);

        Assert.True((await meeting.Server.SendAsync(Meeting.Node, new { })).Success);
        Assert.True((await meeting.Server.SendAsync(Meeting.Node, new { })).Success);

        Assert.True(meeting.Server.HasPeer(Meeting.Node));
        Assert.Single(meeting.Server.Peers);
    }

    [Fact]
    public async Task Messages_that_hold_no_envelope_are_dropped_and_reported_and_their_connection_goes_on()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var reported = WhenReported(meeting.Server, NoMessages.Length);

        await WriteThenAskAsync(meeting, NoMessages);

        Assert.All(await reported.WaitAsync(Deadline), error => Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(error).Error));
        Assert.Equal(NoMessages.Length, meeting.Server.Statistics.TransportFaults);
    }

    [Fact]
    public async Task Replies_that_hold_no_envelope_are_dropped_and_the_proper_one_behind_them_counts()
    {
        await using var meeting = await Meeting.StartAsync();
        var reported = WhenReported(meeting.Server, NoMessages.Length);
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ServeAsync([.. NoMessages, PlainNodePeer.Frame("message", """{"success":true,"id":$ID}""")]);

        Assert.True((await meeting.Server.SendAsync(Meeting.Node, new { })).Success);

        Assert.Equal(NoMessages.Length, (await reported.WaitAsync(Deadline)).Count);
    }

    [Fact]
    public async Task A_frame_that_is_no_JSON_closes_its_connection_and_no_other()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var bystander = await meeting.AddPeerAsync("bystander");
        await bystander.SendAsync(Meeting.Sharp, new { });
        var plain = await meeting.AddPlainPeerAsync("culprit");
        await plain.ConnectAsync(Meeting.Sharp);
        var closed = new TaskCompletionSource<PeerEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        meeting.Server.PeerDisconnected += (_, args) => closed.TrySetResult(args);

        await plain.WriteAsync(Meeting.Sharp, PlainNodePeer.Text("{bad json}"));

        Assert.Equal(LinkError.ProtocolViolation, (await closed.Task.WaitAsync(Deadline)).Error?.Error);
        Assert.True((await bystander.SendAsync(Meeting.Sharp, new { })).IsResolved);
        await meeting.NodeIsAliveAsync();
    }

    // A plain peer dials once: what it gets behind the frames comes on the same connection.
    private static async Task WriteThenAskAsync(Meeting meeting, object[] frames)
    {
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ConnectAsync(Meeting.Sharp);
        await plain.WriteAsync(Meeting.Sharp, [.. frames, PlainNodePeer.Frame("message", """{"id":"q","sentBy":"node","data":{"n":1}}""")]);
        Assert.Equal("""{"success":true,"id":"q","echo":{"n":1}}""", (string?)Assert.Single(await plain.ReceivedAsync(1)));
    }

    private static Task<ConcurrentQueue<Exception>> WhenReported(Server server, int count)
    {
        var faults = new ConcurrentQueue<Exception>();
        var all = new TaskCompletionSource<ConcurrentQueue<Exception>>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Error += (_, args) =>
        {
            faults.Enqueue(args.Error);
            if (faults.Count >= count)
            {
                all.TrySetResult(faults);
            }
        };
        return all.Task;
    }
}
