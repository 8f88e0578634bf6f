using Link.Abstractions;

namespace Link.Tests.Faults;

/// <summary>Bytes that are no JSON close their connection with the error, and nothing else.</summary>
public sealed class MalformedFrameTests
{
    /// <summary>A name, and bytes as characters of the same number.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "no JSON at all", "hello" },
        { "cut off", "{\"type\":\"message\"" },
        { "closed twice", "{}}" },
        { "two values", "{\"type\":\"message\",\"data\":\"{}\"} {}" },
        { "white space only", "  " },
        { "single quotes", "{'type':'message'}" },
        { "a trailing comma", "{\"type\":\"message\",}" },
        { "a comment", "{}/**/" },
        { "NaN", "{\"type\":NaN}" },
        { "a leading zero", "[01]" },
        { "a bad escape", "{\"type\":\"message\",\"data\":\"\\x\"}" },
        { "half an escape", "{\"type\":\"message\",\"data\":\"\\u12\"}" },
        { "a byte order mark", "\u00ef\u00bb\u00bf{\"type\":\"message\",\"data\":\"{}\"}" },
        { "a raw NUL", "{\"type\":\"message\",\"data\":\"{\0}\"}" },
        { "a NUL alone", "\0" },
        { "a raw line feed in a string", "{\"type\":\"message\",\"data\":\"{\n}\"}" },
        { "a raw control character in a string", "{\"type\":\"x\u0001\"}" },
        { "a raw control character between members", "{\"type\":\"x\",\u0001\"data\":1}" },
        { "invalid UTF-8", "{\"type\":\"message\",\"data\":\"{\u00ff}\"}" },
        { "invalid UTF-8 in a foreign type", "{\"type\":\"x\u00ff\"}" },
        { "overlong UTF-8", "{\"type\":\"message\",\"data\":\"\u00c0\u0080\"}" },
        { "a surrogate in UTF-8", "{\"type\":\"message\",\"data\":\"\u00ed\u00a0\u0080\"}" },
        { "UTF-8 cut off by the delimiter", "{\"type\":\"message\",\"data\":\"\u00e6\u00bc" },
        { "depth 65", "{\"type\":\"x\",\"data\":" + Frames.Nested(64) + "}" },
        { "depth 100,000", Frames.Nested(100_000) },
        { "depth 100,000 never closed", new string('[', 100_000) },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_frame_closes_its_accepted_connection_and_nothing_else(string name, string frame) =>
        await AssertClosesAsync(name, frame, Side.Accepted);

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_frame_closes_its_dialled_connection_and_nothing_else(string name, string frame) =>
        await AssertClosesAsync(name, frame, Side.Dialled);

    [Fact]
    public async Task What_is_pending_on_the_connection_of_a_malformed_frame_fails_with_its_error()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        await scene.Stranger.ReadFrameAsync();
        await scene.Stranger.SendAsync("nonsense\f");
        var exception = await Assert.ThrowsAsync<LinkException>(() => promise);
        Assert.Equal((LinkError.ProtocolViolation, RequestFate.Unknown), (exception.Error, exception.Fate));
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task The_frames_before_a_malformed_one_are_handled_and_those_behind_it_are_not()
    {
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(Frames.Request("1", "{}") + "nonsense\f" + Frames.Request("2", "{}"));
        Assert.Equal(LinkError.ProtocolViolation, (await scene.Events.NextDisconnectedAsync()).Error?.Error);
        await scene.AssertOthersGoOnAsync();
        await scene.EndAsync();
        Assert.Contains("1", scene.Handled);
        Assert.DoesNotContain("2", scene.Handled);
    }

    [Theory]
    [InlineData(Side.Accepted)]
    [InlineData(Side.Dialled)]
    public async Task The_end_of_the_stream_inside_a_frame_is_an_error(Side side)
    {
        await using var scene = await Scene.SetAsync(side);
        await scene.Stranger.SendAsync("{\"type\":\"mess");
        scene.Stranger.Dispose();
        Assert.Equal(LinkError.ProtocolViolation, (await scene.Events.NextFaultAsync()).Error);
        Assert.Equal(LinkError.ProtocolViolation, (await scene.Events.NextDisconnectedAsync()).Error?.Error);
        await scene.AssertOthersGoOnAsync();
    }

    [Theory]
    [InlineData(Side.Accepted)]
    [InlineData(Side.Dialled)]
    public async Task The_end_of_the_stream_between_frames_is_no_error(Side side)
    {
        await using var scene = await Scene.SetAsync(side);
        scene.Stranger.Dispose();
        Assert.Null((await scene.Events.NextDisconnectedAsync()).Error);
        await scene.AssertOthersGoOnAsync();
        Assert.Equal(0, scene.Server.Statistics.TransportFaults);
    }

    private static async Task AssertClosesAsync(string name, string frame, Side side)
    {
        await using var scene = await Scene.SetAsync(side);
        await scene.Stranger.TrySendAsync(Frames.Bytes(frame + "\f"));
        var error = await scene.Events.NextErrorAsync();
        var fault = Assert.IsType<LinkException>(error.Error);
        Assert.True(fault.Error == LinkError.ProtocolViolation, $"{name}: {fault.Error}");
        Assert.Equal(side == Side.Dialled ? "stranger" : null, error.Peer?.Name);
        Assert.Equal(LinkError.ProtocolViolation, (await scene.Events.NextDisconnectedAsync()).Error?.Error);
        await scene.Stranger.WaitForEndAsync();
        Assert.Equal(1, scene.Server.Statistics.TransportFaults);
        await scene.AssertOthersGoOnAsync();
    }
}
