using Link.Abstractions;
using Link.NodeIpc;

namespace Link.TestHost;

/// <summary>
/// A server over the network in a process of its own. Arguments: <c>network</c>, its endpoint, and <c>name=endpoint</c> of its peers. It says
/// <c>ready</c>, and tells of each connection that ends. A line of input is <c>ask</c> or <c>wait</c> and the name of a peer, answered by a line that
/// tells the outcome once there is one; who is asked to wait never replies. The end of its input ends it.
/// </summary>
internal static class NetworkHost
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            ListenOn = arguments[1],
            Peers = arguments.Skip(2).Select(entry => entry.Split('=', 2)).ToDictionary(entry => entry[0], entry => entry[1]),
            AllowInsecureNetwork = true,
        });
        await using var server = new Server("network", new ServerOptions { Transport = transport, DrainTimeout = TimeSpan.FromMilliseconds(100) });
        server.OnMessage(message =>
        {
            if (message.Data["silent"] is null)
            {
                return message.ReplyAsync(new { });
            }

            Console.WriteLine("keeping silent");
            return Task.CompletedTask;
        });
        server.PeerDisconnected += (_, e) => Console.WriteLine($"lost {e.Peer.Name ?? "accepted"}: {e.Error?.Error}");
        await server.StartAsync();
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var command = line.Split(' ', 2);
            _ = TellOutcomeAsync(server, command[1], command[0] == "wait" ? new { silent = true } : new { });
        }

        return 0;
    }

    private static async Task TellOutcomeAsync(Server server, string peer, object data)
    {
        try
        {
            await server.SendAsync(peer, data);
            Console.WriteLine($"{peer}: replied");
        }
        catch (LinkException exception)
        {
            Console.WriteLine($"{peer}: {exception.Error} {exception.Fate}");
        }
    }
}
