using Link.Abstractions;
using Link.Testing;
using Link.Tests.Masterless.Nodes;

namespace Link.Tests.Masterless.Faults;

/// <summary>An address that a peer announces is a claim.</summary>
public sealed class ClaimTests
{
    [Fact]
    public async Task Who_announces_the_address_of_another_machine_does_not_stand_in_for_it()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = TcpPeer.Listen();

        // Another address of this machine, in place of another machine.
        var address = $"tcp://127.0.0.2:{TcpPeer.PortOf(listener)}";
        using var elsewhere = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        elsewhere.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.2"), TcpPeer.PortOf(listener)));
        elsewhere.Listen();
        using var evil = await TcpPeer.DialAsync(new Uri(node.Info).Port);
        await evil.WriteLinesAsync($$"""{"id":"evil","info":"{{address}}"}""", """{"priority":1}""", "[true]");
        Assert.Equal("evil", (await node.NextAsync<Link.Masterless.MeshConnectedEventArgs>()).Id);

        var connecting = node.Node.ConnectAsync(address);
        using (await TcpPeer.AcceptAsync(elsewhere))
        {
            // It closes without a word, as whoever restarts.
        }

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting));
        Assert.Equal(LinkError.ConnectionLost, failure.Error);
        Assert.False(node.Node.IsKept("evil"));
    }
}
