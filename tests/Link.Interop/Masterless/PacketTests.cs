using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Masterless;

/// <summary>What packets may hold, and to how many they may go.</summary>
[Collection(MeshNodes.Name)]
public sealed class PacketTests
{
    private const string Values = """
        {"numbers":[0,1,-1,23,127,128,255,256,65535,65536,4294967295,4294967296,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,
        9007199254740991,-9007199254740991,0.1,-1.5,1e+21,1e-7,5e-324,1.7976931348623157e+308],
        "text":["","é","日本語","😀","\u0000\b\f\n\r\t\"\\/\u001f\u007f\u0085\u2028\u2029","\ufeff","\ufffd"],
        "others":[true,false,null,[],{},[[[{"deep":[{}]}]]]],
        "names":{"1":"one","2":"two","b":"b","01":"text","":"empty","é":"é","constructor":"c"},
        "$type":"data","id":"own","priority":1,"confirm":true}
        """;

    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Values_of_every_kind_come_back_from_JavaScript(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, _) = await meeting.ConnectAsync(reaction: "echo");
        var values = JObject.Parse(Values);

        await sharp.Node.SendAsync("script", values);

        AssertSame($"script {values.ToString(Newtonsoft.Json.Formatting.None)}", await sharp.Messages.NextAsync());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Values_of_every_kind_come_from_JavaScript_as_JSON_has_them(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.CallAsync("sendValues", "sharp");

        var packet = JObject.Parse((await sharp.Messages.NextAsync())["script ".Length..], new JsonLoadSettings());
        Assert.Equal(format == MeshFormat.MessagePack, packet.ContainsKey("left"));
        Assert.Equal("\"2020-02-02T03:04:05.006Z\"", Text(packet["date"]));
        Assert.Equal("0", Text(packet["zero"]));
        Assert.Equal("""{"type":"Buffer","data":[1,2,255]}""", Text(packet["bytes"]));
        Assert.Equal(
            [0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 4294967295, 4294967296, -2147483649, 9007199254740991, -9007199254740991, 0.1, -1.5, 1e21, 1e-7, 5e-324],
            packet["numbers"]!.Select(number => (double)number));
        Assert.Equal(["", "é", "日本", "😀", "\0\b\f\n\r\t\"\\/\u007f\u2028", new string('x', 300)], packet["text"]!.Select(text => (string)text!));
        Assert.Equal(format == MeshFormat.Json ? "\ud800" : "\ufffd", (string?)packet["lone"]);
        Assert.Equal("""{"1":"one","2":"two","b":"b","01":"text","-1":"negative"}""", Text(packet["names"]));
        Assert.Equal("""[true,false,null,[],{},[[{"deep":[]}]]]""", Text(packet["others"]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_lone_surrogate_goes_as_far_as_the_format_can_carry_it(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync(reaction: "codes");

        await sharp.Node.SendAsync("script", new { text = "a\ud83db" });

        Assert.Equal([format == MeshFormat.Json ? "sharp [97,55357,98]" : "sharp [97,65533,98]"], await script.MessagesAsync());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Large_packets_go_both_ways(MeshFormat format)
    {
        const int Length = 1024 * 1024;
        await using var meeting = new MeshMeeting(format);
        var received = new Seen<int>();
        var sharp = await meeting.AddSharpAsync(react: _ => message =>
        {
            received.Add(((string)message.Data["text"]!).Length);
            return Task.CompletedTask;
        });
        var script = await meeting.AddScriptAsync(reaction: "echo");
        await sharp.Node.ConnectAsync(script.Info);

        await script.CallAsync("sendLarge", "sharp", Length);
        await sharp.Node.SendAsync("script", new { text = new string('é', Length / 2) });

        var lengths = await received.NextAsync(2);
        Assert.Equal([Length / 2, Length / 2], lengths);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Many_packets_go_both_ways_at_once_in_order(MeshFormat format)
    {
        const int Count = 20_000;
        await using var meeting = new MeshMeeting(format);
        var received = new Seen<int>();
        var sharp = await meeting.AddSharpAsync(react: _ => message =>
        {
            received.Add((int)message.Data["n"]!);
            return Task.CompletedTask;
        });
        var script = await meeting.AddScriptAsync(reaction: "gather");
        await sharp.Node.ConnectAsync(script.Info);

        var theirs = script.CallAsync("sendMany", "sharp", Count);
        var ours = Enumerable.Range(0, Count).Select(n => sharp.Node.SendAsync("script", new { phase = "p", n })).ToArray();

        Assert.All(await Within.Deadline(Task.WhenAll(ours)), Assert.True);
        Assert.True((bool)(await theirs)!);
        Assert.Equal(Enumerable.Range(0, Count), await received.NextAsync(Count));
        var gathered = (await script.CallAsync("gatheredTo", Count))!;
        Assert.Equal(Enumerable.Range(0, Count).Select(n => $"p {n}"), gathered.Select(each => (string)each!));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task One_packet_goes_to_many_nodes_of_both(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();
        var (otherSharp, otherScript) = (await meeting.AddSharpAsync("other sharp"), await meeting.AddScriptAsync("other script"));
        await sharp.Node.ConnectAsync(otherSharp.Info);
        await sharp.Node.ConnectAsync(otherScript.Info);
        await script.KeepAndConnectAsync("other sharp", otherSharp.Info);
        await script.KeepAndConnectAsync("other script", otherScript.Info);

        Assert.Equal(3, await sharp.Node.SendAsync(["script", "nobody", "other sharp", "other script"], new { multiple = "dispatch" }));
        Assert.Equal("sharp {\"multiple\":\"dispatch\"}", await otherSharp.Messages.NextAsync());
        Assert.Equal(3, await script.SendAsync(["sharp", "nobody", "other sharp", "other script"], new { multiple = "again" }));

        Assert.Equal("script {\"multiple\":\"again\"}", await sharp.Messages.NextAsync());
        Assert.Equal("script {\"multiple\":\"again\"}", await otherSharp.Messages.NextAsync());
        Assert.Equal(["sharp {\"multiple\":\"dispatch\"}"], await script.MessagesAsync());
        Assert.Equal(
            ["script {\"multiple\":\"again\"}", "sharp {\"multiple\":\"dispatch\"}"], (await otherScript.MessagesAsync(2)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Who_is_not_known_is_sent_nothing_by_either(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        Assert.False(await sharp.Node.SendAsync("nobody", new { not = "sent" }));
        Assert.False(await script.SendAsync("nobody", new { not = "sent" }));
        Assert.Equal(0, await sharp.Node.SendAsync(["nobody"], new { not = "sent" }));
    }

    private static string Text(JToken? token) => token!.ToString(Newtonsoft.Json.Formatting.None);

    // As values: how a number is written is a matter of the format.
    private static void AssertSame(string expected, string actual)
    {
        Assert.Equal(expected[..expected.IndexOf(' ')], actual[..actual.IndexOf(' ')]);
        var (left, right) = (JToken.Parse(expected[expected.IndexOf(' ')..]), JToken.Parse(actual[actual.IndexOf(' ')..]));
        Assert.Equal(Text(left), Text(right));
    }
}
