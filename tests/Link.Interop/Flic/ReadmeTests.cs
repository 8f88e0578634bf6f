using Link.Flic;
using Link.Interop.Harness;

namespace Link.Interop.Flic;

/// <summary>The first example of flic's documents, in its two halves: a node that is told, and one without a name that tells it.</summary>
[Collection(FlicNodes.Name)]
public sealed class ReadmeTests
{
    private static readonly object Early = new[] { new { target = "node1:event", args = new[] { "flic_is_easy" } } };

    [Theory]
    [InlineData(Side.Sharp)]
    [InlineData(Side.Script)]
    public async Task The_node_is_in_JavaScript_and_is_told_from_CSharp(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var node1 = await meeting.AddScriptAsync("node1", new { @event = "give" }, answer: new object?[] { null, "ilovenodejs" });
        var anonymous = meeting.Make(id: null);

        var connecting = anonymous.ConnectAsync();
        var answer = await anonymous.TellAsync("node1:event", "flic_is_easy");
        await connecting;

        Assert.Equal("ilovenodejs", answer.As<string>(0));
        Assert.Equal(["[\"flic_is_easy\"]"], await node1.HappenedAsync("event"));
    }

    // The example tells before it is connected. What is told so has no name yet on an original bridge, which drops an answer that is faster than
    // the name: that is flic's, so there the example is run again.
    [Theory]
    [InlineData(Side.Sharp, 1)]
    [InlineData(Side.Script, 20)]
    public async Task The_node_is_in_CSharp_and_is_told_from_JavaScript(Side bridge, int runs)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var node1 = await meeting.AddSharpAsync("node1");
        var told = new Seen<string>();
        node1.On("event", message =>
        {
            told.Add(message.Arguments.ToString());
            return message.AcknowledgeAsync(null, "ilovenodejs");
        });

        var answers = Array.Empty<string>();
        for (var run = 0; run < runs && answers.Length == 0; run++)
        {
            var anonymous = await meeting.AddScriptAsync(id: null, early: Early);
            Assert.Equal("[\"flic_is_easy\"]", await told.NextAsync());

            // The answer to this comes after the other.
            Assert.Equal("[null,\"ilovenodejs\"]", await anonymous.TellAsync("node1:event", "again"));
            Assert.Equal("[\"again\"]", await told.NextAsync());
            answers = await anonymous.HappenedAsync("answer", atLeast: 0);
        }

        Assert.Equal(["[null,\"ilovenodejs\"]"], answers);
    }
}
