using System.Text;
using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What a bridge passes on, as the originals write it.</summary>
public sealed class BridgeRelayTests : IAsyncLifetime
{
    private readonly FlicBridge _bridge = new(new FlicBridgeOptions { Port = 0 });
    private readonly BridgeWatch _watch;

    public BridgeRelayTests() => _watch = new BridgeWatch(_bridge);

    public Task InitializeAsync() => _bridge.StartAsync();

    public Task DisposeAsync() => Within.Deadline(_bridge.CloseAsync());

    [Fact]
    public async Task A_tell_and_its_answer_go_both_ways()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "node_1");
        using var two = await BridgeClient.JoinAsync(_bridge, "node_2");

        await two.SendAsync("""{"id":"t1","method":"TELL","data":["node_1","test_event",["test_param"]],"nodeName":"node_2"}""");
        Assert.Equal("""["node_2","t1","test_event",["test_param"]]""", await one.ReadAsync("TELL"));
        await one.SendAsync("""{"id":"a1","method":"ACK","data":["node_2","t1",[null,"my-reply",{"k":1}]],"nodeName":"node_1"}""");
        Assert.Equal("""["t1",[null,"my-reply",{"k":1}]]""", await two.ReadAsync("ACK"));
    }

    [Theory]
    [InlineData("""["one","e",[]]""", """["two","t","e",[]]""")]
    [InlineData("""["one","e",[1,"two",null,{"a":1},[true]]]""", """["two","t","e",[1,"two",null,{"a":1},[true]]]""")]
    [InlineData("""["one","e",[]," more"]""", """["two","t","e",[]]""")]
    [InlineData("""["one","e"]""", """["two","t","e",null]""")]
    [InlineData("""["one"]""", """["two","t",null,null]""")]
    [InlineData("""["one","",[]]""", """["two","t","",[]]""")]
    [InlineData("""["one",7,"no array"]""", """["two","t",7,"no array"]""")]
    [InlineData("""[ "one" , "e" , [ 1.0, 1e2, "\u00e9\/", { "a" : 1 } ] ]""", """["two","t","e",[ 1.0, 1e2, "\u00e9\/", { "a" : 1 } ]]""")]
    [InlineData("""["\u006fne","e",["é漢😀\u0000\f"]]""", """["two","t","e",["é漢😀\u0000\f"]]""")]
    public async Task The_arguments_of_a_tell_are_passed_on_as_they_are_written(string data, string expected)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync($$"""{"id":"t","method":"TELL","data":{{data}},"nodeName":"two"}""");

        Assert.Equal(expected, await one.ReadAsync("TELL"));
    }

    [Theory]
    [InlineData("""["t"]""", """["t",null]""", false)]
    [InlineData("""["two","t"]""", """["t",null]""", true)]
    [InlineData("""["two","t",[]]""", """["t",[]]""", true)]
    [InlineData("""["two","t",[ "error" ]]""", """["t",[ "error" ]]""", true)]
    [InlineData("""["two","t",{"no":"array"},1]""", """["t",{"no":"array"}]""", true)]
    public async Task The_arguments_of_an_answer_are_passed_on_as_they_are_written(string data, string expected, bool isPassedOn)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");
        await two.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]]}""");
        await one.ReadAsync("TELL");

        await one.SendAsync($$"""{"id":"a","method":"ACK","data":{{data}}}""");
        await one.AssertNothingCameAsync();

        if (isPassedOn)
        {
            Assert.Equal(expected, await two.ReadAsync("ACK"));
        }

        await two.AssertNothingCameAsync();
    }

    [Fact]
    public async Task A_node_may_tell_itself()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");

        await one.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[1]]}""");
        Assert.Equal("""["one","t","e",[1]]""", await one.ReadAsync("TELL"));
        await one.SendAsync("""{"id":"a","method":"ACK","data":["one","t",[2]]}""");
        Assert.Equal("""["t",[2]]""", await one.ReadAsync("ACK"));
    }

    [Theory]
    [InlineData("\"nobody\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("[\"one\"]")]
    [InlineData("\"one.nodeName\"")]
    [InlineData("\"ONE\"")]
    public async Task A_tell_to_nobody_is_answered(string target)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");

        await one.SendAsync($$"""{"id":"t","method":"TELL","data":[{{target}},"e",[]],"nodeName":"one"}""");

        Assert.Equal("""["t",["unknown-node"]]""", await one.ReadAsync("ACK"));
    }

    [Theory]
    [InlineData("""["news",1,{"a":[2]}]""", """["news",1,{"a":[2]}]""")]
    [InlineData("[]", "[]")]
    [InlineData("\"no array\"", "[]")]
    public async Task A_shout_goes_to_all_others_as_one_frame(string data, string expected)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");
        using var three = await BridgeClient.JoinAsync(_bridge, "three");

        await three.SendAsync($$"""{"id":"s","method":"SHOUT","data":{{data}},"nodeName":"three"}""");

        var heard = await one.ReadAsync();
        Assert.Equal(heard, await two.ReadAsync());
        Assert.EndsWith($",\"method\":\"SHOUT\",\"data\":{expected}}}", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("\"s\"", heard, StringComparison.Ordinal);
        await three.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Every_frame_that_is_passed_on_has_an_id_of_its_own()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync([.. Enumerable.Repeat("""{"id":"t","method":"TELL","data":["one","e",[]]}""", 100)]);

        var ids = new HashSet<string>();
        for (var count = 0; count < 100; count++)
        {
            var frame = (await one.ReadAsync())!;
            Assert.Matches("^{\"id\":\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\",", frame);
            Assert.True(ids.Add(frame[7..43]));
        }
    }

    [Theory]
    [InlineData("""{"method":"TELL","data":["one","e",[]]}""", "null")]
    [InlineData("""{"id":17,"method":"TELL","data":["one","e",[]]}""", "17")]
    [InlineData("""{"nodeName":"two","data":["one","e",[]],"method":"TELL","other":[{}],"id":"\u0041"}""", "\"\\u0041\"")]
    public async Task An_id_is_whatever_the_teller_says_and_members_come_in_any_order(string tell, string id)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync(tell);
        Assert.Equal($"""["two",{id},"e",[]]""", await one.ReadAsync("TELL"));

        // As JavaScript writes the id back.
        id = id == "\"\\u0041\"" ? "\"A\"" : id;
        await one.SendAsync($$"""{"id":"a","method":"ACK","data":["two",{{id}},[1]]}""");
        Assert.Equal($"[{id},[1]]", await two.ReadAsync("ACK"));
    }

    [Theory]
    [InlineData("""{"id":"t","method":"TELL"}""")]
    [InlineData("""{"id":"t","method":"TELL","data":"one"}""")]
    [InlineData("""{"id":"t","method":"ACK"}""")]
    [InlineData("null")]
    [InlineData("[1,2]")]
    [InlineData("\"TELL\"")]
    public async Task A_frame_without_what_it_needs_is_dropped_and_reported(string frame)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");

        await one.SendAsync(frame);

        var error = await _watch.ErrorAsync();
        Assert.Equal(LinkError.ProtocolViolation, error.Error.Error);
        Assert.Equal(("one", one.Endpoint), (error.Peer!.Name, error.Peer.Endpoint));
        Assert.Contains("one", error.Error.Message, StringComparison.Ordinal);
        await one.AssertNothingCameAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0")]
    [InlineData("{}")]
    [InlineData("""{"id":"x","method":"WHAT","data":[]}""")]
    [InlineData("""{"id":"x","method":["TELL"],"data":["one","e",[]]}""")]
    [InlineData("""{"id":"x","method":"CLOSE","data":[]}""")]
    [InlineData("""{"id":"x","method":"tell","data":["one","e",[]]}""")]
    public async Task What_is_not_known_is_passed_over(string frame)
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");

        await one.SendAsync(frame);

        await one.AssertNothingCameAsync();
        Assert.True(_watch.HasNoError);
    }

    [Fact]
    public async Task Frames_are_put_together_wherever_they_are_cut()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");
        var bytes = Encoding.UTF8.GetBytes("""{"id":"t","method":"TELL","data":["one","e",["é漢😀"]]}""" + "\0" + """{"id":"s","method":"SHOUT","data":["s"]}""" + "\0");

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            await two.WriteAsync(bytes.AsMemory(0, cut));
            await two.WriteAsync(bytes.AsMemory(cut));
            Assert.Equal("""["two","t","e",["é漢😀"]]""", await one.ReadAsync("TELL"));
            Assert.Equal("""["s"]""", await one.ReadAsync("SHOUT"));
        }
    }

    [Fact]
    public async Task Frames_of_one_node_arrive_in_order()
    {
        using var one = await BridgeClient.JoinAsLinkAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsLinkAsync(_bridge, "two");

        var sending = two.SendAsync([.. Enumerable.Range(0, 20_000).Select(number => $$"""{"id":"{{number}}","method":"TELL","data":["one","e",[{{number}}]]}""")]);

        for (var number = 0; number < 20_000; number++)
        {
            Assert.Equal($"""["two","{number}","e",[{number}]]""", await one.ReadAsync("TELL"));
        }

        await sending;
    }

    [Fact]
    public async Task An_answer_of_a_mebibyte_arrives_between_nodes_of_Link()
    {
        using var one = await BridgeClient.JoinAsLinkAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsLinkAsync(_bridge, "two");
        var large = new string('x', 1024 * 1024);

        await two.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]]}""");
        await one.ReadAsync("TELL");
        await one.SendAsync($$"""{"id":"a","method":"ACK","data":["two","t",[null,"{{large}}"]]}""");

        Assert.Equal($"""["t",[null,"{large}"]]""", await two.ReadAsync("ACK"));
    }
}
