using System.Net.Sockets;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Masterless.Transport;

/// <summary>A plain node by hand, with lines of JSON, once its handshake is over.</summary>
internal sealed class MeshPeer : IDisposable
{
    private readonly TcpPeer _peer;

    private MeshPeer(TcpPeer peer) => _peer = peer;

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="address">Such as <c>tcp://127.0.0.1:2435</c>.</param>
    /// <param name="id">Who it says that it is.</param>
    public static async Task<MeshPeer> DialAsync(string address, string id)
    {
        var peer = await TryJoinAsync(address, id);
        Assert.NotNull(peer);
        return peer;
    }

    /// <summary>The same; null when the other closes without a word.</summary>
    public static async Task<MeshPeer?> TryJoinAsync(string address, string id)
    {
        var peer = await TcpPeer.DialAsync(PortOf(address));
        await peer.WriteLinesAsync($$"""{"id":"{{id}}","info":"{{peer.Address}}"}""");
        if (await peer.ReadLineAsync() is null)
        {
            peer.Dispose();
            return null;
        }

        await peer.WriteLinesAsync("{\"priority\":1}");
        Assert.Equal("{\"confirm\":true}", await peer.ReadLineAsync());
        Assert.Equal("[true]", await peer.ReadLineAsync());
        return new MeshPeer(peer);
    }

    /// <summary>Connects, says who it is and gives what comes: null when the other closes without a word.</summary>
    public static async Task<string?> TryDialAsync(string address, string id)
    {
        using var peer = await TcpPeer.DialAsync(PortOf(address));
        await peer.WriteLinesAsync($$"""{"id":"{{id}}","info":"{{peer.Address}}"}""");
        return await peer.ReadLineAsync();
    }

    /// <summary>Shakes hands with whoever has connected.</summary>
    public static async Task<MeshPeer> AcceptAsync(Socket listener, string id)
    {
        var peer = await TcpPeer.AcceptAsync(listener);
        Assert.StartsWith("{\"id\":", await peer.ReadLineAsync(), StringComparison.Ordinal);
        await peer.WriteLinesAsync($$"""{"id":"{{id}}"}""");
        if (await peer.ReadLineAsync() == "{\"priority\":1}")
        {
            await peer.WriteLinesAsync("{\"confirm\":true}", "[false]");
            Assert.Equal("[true]", await peer.ReadLineAsync());
        }

        return new MeshPeer(peer);
    }

    public static int PortOf(string address) => new Uri(address).Port;

    /// <summary>Sends lines in one write.</summary>
    public Task SendAsync(params string[] lines) => _peer.WriteLinesAsync(lines);

    /// <summary>The next line; null at the end.</summary>
    public Task<string?> ReadLineAsync() => _peer.ReadLineAsync();

    /// <summary>The next line as an object.</summary>
    public async Task<JObject> ReadAsync() => JObject.Parse((await _peer.ReadLineAsync())!);

    /// <summary>Closes so that the other end sees an error, no end.</summary>
    public void Reset() => _peer.Reset();

    public void Dispose() => _peer.Dispose();
}

/// <summary>A place where a plain node by hand listens.</summary>
internal sealed class MeshHost(string address) : IDisposable
{
    private readonly Socket _listener = TcpPeer.Listen(MeshPeer.PortOf(address));

    /// <summary>Shakes hands with the next one that connects.</summary>
    public Task<MeshPeer> AcceptAsync(string id) => MeshPeer.AcceptAsync(_listener, id);

    public void Dispose() => _listener.Dispose();
}
