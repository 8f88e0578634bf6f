using System.Globalization;
using Link.Abstractions;

namespace Link.TestHost;

/// <summary>
/// A server in a process of its own, for tests that kill, stop or disguise it. Arguments: the socket root, the name, and the user
/// ids to trust. It says <c>ready</c>; each line of input that follows is the name of a peer to send to, each answered by one line
/// that tells the outcome; the end of its input ends it. A request whose data says <c>silent</c> is never answered.
/// With <c>network</c> as the first argument, it is a <see cref="NetworkHost"/>; with <c>flic-bridge</c>, a
/// <see cref="FlicBridgeHost"/>; with <c>mesh</c>, a <see cref="MeshHost"/>.
/// </summary>
public static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments[0])
        {
            case "network":
                return await NetworkHost.RunAsync(arguments);
            case "flic-bridge":
                return await FlicBridgeHost.RunAsync(arguments);
            case "mesh":
                return await MeshHost.RunAsync(arguments);
        }

        await using var server = new Server(arguments[1], new ServerOptions
        {
            SocketRoot = arguments[0],
            TrustedUserIds = [.. arguments.Skip(2).Select(id => uint.Parse(id, CultureInfo.InvariantCulture))],
            DrainTimeout = TimeSpan.FromMilliseconds(100),
        });
        server.OnMessage(message => message.Data["silent"] is null
            ? message.ReplyAsync(new { pid = Environment.ProcessId, uid = message.Peer.UserId })
            : Task.CompletedTask);
        await server.StartAsync();
        await TellAsync("ready");
        while (await Console.In.ReadLineAsync() is { } peer)
        {
            await TellAsync(await OutcomeAsync(server, peer));
        }

        return 0;
    }

    private static async Task<string> OutcomeAsync(Server server, string peer)
    {
        try
        {
            var reply = await server.SendAsync(peer, new { from = server.Name });
            return reply.Success ? "replied" : "rejected";
        }
        catch (LinkException exception)
        {
            return $"{exception.Error} {exception.Fate}";
        }
    }

    private static async Task TellAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}
