using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What a bridge passes on, as the originals write it.</summary>
public sealed class BridgeRelayTests : IAsyncLifetime
{
    private readonly FlicBridge _bridge = new(new FlicBridgeOptions { Port = 0 });

    public Task InitializeAsync() => _bridge.StartAsync();

    public Task DisposeAsync() => _bridge.CloseAsync();

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

    [Fact]
    public async Task A_shout_goes_to_all_others_as_one_frame()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");
        using var three = await BridgeClient.JoinAsync(_bridge, "three");

        await three.SendAsync("""{"id":"s","method":"SHOUT","data":["news",1,{"a":[2]}],"nodeName":"three"}""");

        var heard = await one.ReadAsync();
        Assert.Equal(heard, await two.ReadAsync());
        Assert.EndsWith(""","method":"SHOUT","data":["news",1,{"a":[2]}]}""", heard, StringComparison.Ordinal);
        await three.AssertNothingCameAsync();
    }
}
