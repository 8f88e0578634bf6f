using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>Two nodes that have one id: the second is not connected with, and whoever notices says so.</summary>
public sealed class SameIdTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_dials_under_the_id_of_another_is_told_of(bool wasDialled)
    {
        await using var hub = await TestMesh.StartAsync("hub");
        await using var first = await TestMesh.StartAsync("b");
        await using var second = await TestMesh.StartAsync("b");
        var link = await (wasDialled ? hub.ConnectAsync(first) : first.ConnectAsync(hub));
        await hub.ConnectedAsync();

        var failure = await Assert.ThrowsAsync<LinkException>(() => second.ConnectAsync(hub));

        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Contains("a node of the id b is connected there already", failure.Message, StringComparison.Ordinal);
        var fault = await hub.FaultAsync();
        Assert.Equal(LinkError.NameUnavailable, fault.Error);
        Assert.Equal($"Two nodes say that they are b: at {first.Endpoint} and at {second.Endpoint}.", fault.Message);
        Assert.False(link.Closed.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_is_dialled_and_has_the_id_of_another_is_told_of(bool wasDialled)
    {
        await using var hub = await TestMesh.StartAsync("hub");
        await using var first = await TestMesh.StartAsync("b");
        await using var second = await TestMesh.StartAsync("b");
        await (wasDialled ? hub.ConnectAsync(first) : first.ConnectAsync(hub));
        var link = await hub.ConnectedAsync();

        Assert.Same(link, await hub.ConnectAsync(second));

        Assert.Equal($"Two nodes say that they are b: at {first.Endpoint} and at {second.Endpoint}.", (await hub.FaultAsync()).Message);
        Assert.Equal((1, 0), (hub.Open, second.Open));
    }

    [Fact]
    public async Task A_node_that_dials_again_or_has_no_name_is_told_of_to_nobody()
    {
        await using var hub = await TestMesh.StartAsync("hub");
        var nobody = NodeName.NewNobody();
        using var first = await TcpPeer.DialAsync(hub.Port);
        await first.WriteLinesAsync($$"""{"id":"{{nobody}}","info":"tcp://127.0.0.1:1"}""", """{"priority":1}""");
        await hub.ConnectedAsync();
        await using var named = await TestMesh.StartAsync("b");
        await named.ConnectAsync(hub);
        using var again = await TcpPeer.DialAsync(hub.Port);
        using var back = await TcpPeer.DialAsync(hub.Port);
        using var wrong = await TcpPeer.DialAsync(hub.Port);

        await again.WriteLinesAsync($$"""{"id":"{{nobody}}","info":"tcp://127.0.0.1:2"}""");
        Assert.Null(await again.ReadLineAsync());
        await back.WriteLinesAsync($$"""{"id":"b","info":"tcp://localhost:{{named.Port}}"}""");
        Assert.Null(await back.ReadLineAsync());
        await wrong.WriteLinesAsync("wrong");

        Assert.Equal(LinkError.ProtocolViolation, (await hub.FaultAsync()).Error);
    }
}
