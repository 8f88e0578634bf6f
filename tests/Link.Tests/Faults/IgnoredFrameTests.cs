namespace Link.Tests.Faults;

/// <summary>What the original forgives is forgiven: other types, reserved ones too, and empty frames.</summary>
public sealed class IgnoredFrameTests
{
    /// <summary>A name and a frame.</summary>
    public static TheoryData<string, string> Harmless => new()
    {
        { "an unknown type", "{\"type\":\"weather\",\"data\":{\"id\":\"a\"}}\f" },
        { "an empty type", "{\"type\":\"\",\"data\":\"{}\"}\f" },
        { "a type in capitals", "{\"type\":\"MESSAGE\",\"data\":\"{}\"}\f" },
        { "the reserved type connect", "{\"type\":\"connect\",\"data\":{}}\f" },
        { "the reserved type start", "{\"type\":\"start\",\"data\":{}}\f" },
        { "the reserved type stop", "{\"type\":\"stop\",\"data\":{}}\f" },
        { "the reserved type error", "{\"type\":\"error\",\"data\":{\"message\":\"forged\"}}\f" },
        { "the reserved type destroy", "{\"type\":\"destroy\",\"data\":{}}\f" },
        { "the reserved type disconnect", "{\"type\":\"disconnect\",\"data\":{}}\f" },
        { "the reserved type data", "{\"type\":\"data\",\"data\":\"{}\"}\f" },
        { "the reserved type close", "{\"type\":\"close\",\"data\":{}}\f" },
        { "the reserved type socket.disconnected", "{\"type\":\"socket.disconnected\",\"data\":{}}\f" },
        { "an empty frame", "\f" },
        { "many empty frames", "\f\f\f\f\f\f\f\f" },
        { "extra white space", " { \"type\" : \"weather\" } \r\n\f" },
        { "depth 64", "{\"type\":\"weather\",\"data\":" + Frames.Nested(63) + "}\f" },
    };

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task An_unknown_or_reserved_type_or_an_empty_frame_causes_no_event_when_accepted(string name, string frame) =>
        await AssertIgnoredAsync(name, frame, Side.Accepted);

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task An_unknown_or_reserved_type_or_an_empty_frame_causes_no_event_when_dialled(string name, string frame) =>
        await AssertIgnoredAsync(name, frame, Side.Dialled);

    private static async Task AssertIgnoredAsync(string name, string frame, Side side)
    {
        await using var scene = await Scene.SetAsync(side);
        await scene.Stranger.SendAsync(frame);
        await scene.AssertStrangerIsServedAsync(side);
        await scene.AssertOthersGoOnAsync();
        Assert.Equal(0, scene.Server.Statistics.TransportFaults);
        Assert.Equal(side == Side.Dialled, scene.Server.HasPeer("stranger"));

        // Disposal ends the three connections cleanly; nothing else may be told.
        var told = await scene.EndAsync();
        Assert.True(told.Count(line => line.StartsWith("connected", StringComparison.Ordinal)) == 3, name);
        Assert.Equal(told.Count, 3 + told.Count(line => line.StartsWith("disconnected", StringComparison.Ordinal)));
    }
}
