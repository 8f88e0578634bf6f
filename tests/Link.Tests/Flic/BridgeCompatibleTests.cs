using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>A bridge that takes names on trust, as the originals do.</summary>
public sealed class BridgeCompatibleTests : IAsyncLifetime
{
    private readonly FlicBridge _bridge = new(new FlicBridgeOptions { Port = 0, CompatibleSenders = true, MaxNodes = 10 });

    public Task InitializeAsync() => _bridge.StartAsync();

    public Task DisposeAsync() => Within.Deadline(_bridge.CloseAsync());

    [Fact]
    public async Task The_sender_is_what_the_frame_says()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"somebody"}""", """{"id":"u","method":"TELL","data":["one","e",[]]}""");

        Assert.Equal("""["somebody","t","e",[]]""", await one.ReadAsync("TELL"));
        Assert.Equal("""[null,"u","e",[]]""", await one.ReadAsync("TELL"));
    }

    [Fact]
    public async Task Who_has_no_name_may_speak_and_errors_go_to_the_name_it_says()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var nameless = await BridgeClient.ConnectAsync(_bridge);

        await nameless.SendAsync(
            """{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"x"}""",
            """{"id":"u","method":"TELL","data":["nobody","e",[]],"nodeName":"x"}""",
            """{"id":"v","method":"TELL","data":["nobody","e",[]],"nodeName":"one"}""");

        Assert.Equal("""["x","t","e",[]]""", await one.ReadAsync("TELL"));
        Assert.Equal("""["v",["unknown-node"]]""", await one.ReadAsync("ACK"));
        await nameless.IdentAsync("nameless");
    }

    [Fact]
    public async Task Anybody_may_answer_anything_any_number_of_times()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync("""{"id":"a","method":"ACK","data":["one","id",[1]],"nodeName":"two"}""", """{"id":"b","method":"ACK","data":["one","id"],"nodeName":"two"}""");

        Assert.Equal("""["id",[1]]""", await one.ReadAsync("ACK"));
        Assert.Equal("""["id",null]""", await one.ReadAsync("ACK"));
    }

    [Fact]
    public async Task A_connection_may_have_several_names_and_hears_a_shout_for_each()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");
        await two.IdentAsync("second");

        await one.SendAsync("""{"id":"s","method":"SHOUT","data":["e"],"nodeName":"one"}""");
        Assert.Equal("""["e"]""", await two.ReadAsync("SHOUT"));
        Assert.Equal("""["e"]""", await two.ReadAsync("SHOUT"));

        await two.SendAsync("""{"id":"l","method":"LEAVE","data":[],"nodeName":"two"}""");
        Assert.Equal("""["l",[]]""", await two.ReadAsync("ACK"));
        Assert.Equal(["one"], _bridge.Nodes);
    }

    [Fact]
    public async Task A_shout_goes_to_all_but_the_name_it_says()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync("""{"id":"s","method":"SHOUT","data":["e",1],"nodeName":"one"}""", """{"id":"s","method":"SHOUT","data":["e",2]}""");

        Assert.Equal("""["e",1]""", await two.ReadAsync("SHOUT"));
        Assert.Equal("""["e",2]""", await two.ReadAsync("SHOUT"));
        Assert.Equal("""["e",2]""", await one.ReadAsync("SHOUT"));
    }

    [Fact]
    public async Task Who_says_no_name_is_called_undefined()
    {
        using var one = await BridgeClient.ConnectAsync(_bridge);

        await one.SendAsync("""{"id":"i","method":"IDENT","data":[]}""", """{"id":"j","method":"IDENT","data":[]}""");

        Assert.Equal("""["i",[null]]""", await one.ReadAsync("ACK"));
        Assert.Equal("""["j",["duplicate-node"]]""", await one.ReadAsync("ACK"));
        Assert.Equal(["undefined"], _bridge.Nodes);
    }

    [Fact]
    public async Task One_connection_cannot_have_more_names_than_the_bridge_allows()
    {
        using var one = await BridgeClient.ConnectAsync(_bridge);
        for (var number = 0; number < 10; number++)
        {
            await one.IdentAsync($"name {number}");
        }

        Assert.Equal("""["overloaded"]""", await one.AskForAsync("one more"));
    }
}
