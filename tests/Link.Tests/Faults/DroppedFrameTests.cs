using Link.Abstractions;

namespace Link.Tests.Faults;

/// <summary>A well-formed frame that is no ipc-link message is dropped, counted and reported; its connection goes on.</summary>
public sealed class DroppedFrameTests
{
    /// <summary>A name and a frame.</summary>
    public static TheoryData<string, string> Strange => new()
    {
        { "null", "null\f" },
        { "an array", "[1,{\"type\":\"message\"}]\f" },
        { "a number", "5\f" },
        { "a text", "\"message\"\f" },
        { "true", "true\f" },
        { "an object without members", "{}\f" },
        { "missing type", "{\"data\":\"{}\"}\f" },
        { "a type that is null", "{\"type\":null,\"data\":\"{}\"}\f" },
        { "a type that is an object", "{\"type\":{},\"data\":\"{}\"}\f" },
        { "missing data", "{\"type\":\"message\"}\f" },
        { "data null", "{\"type\":\"message\",\"data\":null}\f" },
        { "data a number", "{\"type\":\"message\",\"data\":1}\f" },
        { "data an object, as node-ipc itself sends it", "{\"type\":\"message\",\"data\":{\"id\":\"a\",\"data\":{}}}\f" },
        { "data an array", "{\"type\":\"message\",\"data\":[]}\f" },
        { "inner text empty", Frames.Message("") },
        { "inner text not JSON", Frames.Message("hello") },
        { "inner text cut off", Frames.Message("{\"id\":1") },
        { "inner text null", Frames.Message("null") },
        { "inner text an array", Frames.Message("[]") },
        { "inner text a number", Frames.Message("5") },
        { "inner text a text", Frames.Message("\"{}\"") },
        { "inner text with more behind it", Frames.Message("{} {}") },
        { "inner text with a raw control character", Frames.Message("{\"id\":\"\u0001\"}") },
        { "inner text with a raw line feed in a string", Frames.Message("{\"id\":\"\n\"}") },
        { "inner text of depth 66, its data of depth 65", Frames.Message("{\"data\":" + Frames.Nested(65) + "}") },
        { "inner text of depth 100,000", Frames.Message("{\"data\":" + Frames.Nested(100_000) + "}") },
    };

    [Theory]
    [MemberData(nameof(Strange))]
    public async Task A_frame_that_is_no_message_is_dropped_counted_and_reported_when_accepted(string name, string frame) =>
        await AssertDroppedAsync(name, frame, Side.Accepted);

    [Theory]
    [MemberData(nameof(Strange))]
    public async Task A_frame_that_is_no_message_is_dropped_counted_and_reported_when_dialled(string name, string frame) =>
        await AssertDroppedAsync(name, frame, Side.Dialled);

    [Fact]
    public async Task A_flood_of_frames_that_are_no_messages_is_counted_to_the_last()
    {
        const int Count = 10_000;
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(string.Concat(Enumerable.Repeat("null\f", Count)));
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        await Testing.Within.Until(() => scene.Server.Statistics.TransportFaults == Count);
        await scene.AssertOthersGoOnAsync();
    }

    private static async Task AssertDroppedAsync(string name, string frame, Side side)
    {
        await using var scene = await Scene.SetAsync(side);
        await scene.Stranger.SendAsync(frame);
        var fault = await scene.Events.NextFaultAsync();
        Assert.True(fault.Error == LinkError.ProtocolViolation, $"{name}: {fault.Error}");
        Assert.Equal(1, scene.Server.Statistics.TransportFaults);
        await scene.AssertStrangerIsServedAsync(side);
        await scene.AssertOthersGoOnAsync();
        Assert.DoesNotContain(await scene.EndAsync(), told => told.Contains("ProtocolViolation", StringComparison.Ordinal));
    }
}
