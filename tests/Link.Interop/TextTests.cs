using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>Text, numbers and dates arrive as they were sent.</summary>
[Collection(FirstNode.Name)]
public sealed class TextTests
{
    private const char HighSurrogate = '\ud83d';
    private const char LowSurrogate = '\ude00';

    public static TheoryData<string> Texts =>
    [
        "é漢😀",
        "line\u2028separator\u2029and\u0085next",
        "form\ffeed \b\t\n\r \0 \u001f \u007f",
        "\"quoted\" 'single' \\back\\\\slash\\ \\u0041 \\f /",
        "",
        "\ufeffbyte order mark",
        "<script>&amp;</script>",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Our_text_reaches_Node_and_comes_back(string text)
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync();

        var reply = await meeting.Server.SendAsync(Meeting.Node, new Dictionary<string, string> { ["text"] = text, ["n" + text] = "name" });

        var received = (await node.ReceivedAsync(1))[0]["data"]!;
        Assert.Equal(text, (string?)received["text"]);
        Assert.Equal("name", (string?)received["n" + text]);
        Assert.Equal(text, (string?)reply["echo"]!["text"]);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_of_Node_reaches_us_and_comes_back(string text)
    {
        await using var meeting = await Meeting.StartAsync();
        string? seen = null;
        meeting.Server.OnMessage(message =>
        {
            seen = (string?)message.Data["text"];
            return message.ReplyAsync(new { echo = message.Data });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { text });

        Assert.Equal(text, seen);
        Assert.Equal(text, (string?)outcome.Value["echo"]!["text"]);
    }

    [Fact]
    public async Task A_lone_surrogate_of_ours_reaches_JavaScript_as_it_is()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "codes" });
        var text = new string(['a', HighSurrogate, 'b', LowSurrogate]);

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { text });

        Assert.Equal(text.Select(code => (int)code), reply["codes"]!.Select(code => (int)code));
    }

    [Fact]
    public async Task A_lone_surrogate_of_JavaScript_reaches_us_and_comes_back_as_it_is()
    {
        await using var meeting = await Meeting.StartAsync();
        var text = new string(['a', HighSurrogate, 'b', LowSurrogate]);
        string? seen = null;
        meeting.Server.OnMessage(message =>
        {
            seen = (string?)message.Data["text"];
            return message.ReplyAsync(new { text = seen });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var codes = await node.SendForCodesAsync(Meeting.Sharp, new { text });

        Assert.Equal(text.Select(code => (int)code), codes);
        Assert.Equal(text, seen);
    }

    [Fact]
    public async Task Numbers_and_dates_go_through_both_sides_unchanged()
    {
        const string values = """[0,-1,0.1,1e+21,1e-7,123456789012345680000,9007199254740991,"2020-01-01T00:00:00Z","2020-01-01T00:00:00.000+02:00"]""";
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        meeting.Server.OnMessage(message => message.ReplyAsync(new { values = message.Data }));
        await meeting.Server.StartAsync();
        await plain.ConnectAsync(Meeting.Sharp);

        await plain.WriteAsync(Meeting.Sharp, PlainNodePeer.Frame("message", $$"""{"id":"v","sentBy":"node","data":{{values}}}"""));

        Assert.Equal($$"""{"success":true,"id":"v","values":{{values}}}""", (string?)(await plain.ReceivedAsync(1))[0]);
    }

    [Fact]
    public async Task A_member_that_names_a_type_is_plain_data()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddPeerAsync();
        var data = new JObject { ["$type"] = "System.IO.FileInfo, System.IO.FileSystem", ["fileName"] = "x" };

        var outcome = await node.SendAsync(Meeting.Sharp, data);

        Assert.True(JToken.DeepEquals(data, outcome.Value["echo"]));
    }
}
