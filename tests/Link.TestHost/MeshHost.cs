using System.Globalization;
using Link.Masterless;

namespace Link.TestHost;

/// <summary>
/// Some nodes of a mesh in a process of their own. Arguments: <c>mesh</c>, how their ids begin, and how many they are. It says where each listens. A line of input is a
/// command, answered by a line: <c>connect</c> and addresses, with which each of them connects, and with those of its own that come after it; <c>settle</c> and a number,
/// answered when each has so many connections; <c>shout</c>, which has each send a packet to all it is connected with, answered by how many were reached; <c>lost</c> and a
/// number, answered by how often one of them was disconnected, once it was so often. The end of its input ends it.
/// </summary>
internal sealed class MeshHost
{
    private readonly MeshNode[] _nodes;
    private readonly SemaphoreSlim _changed = new(0);
    private int _lost;

    private MeshHost(string prefix, int count)
    {
        _nodes = [.. Enumerable.Range(0, count).Select(n => new MeshNode($"{prefix}{n}", Options))];
        foreach (var node in _nodes)
        {
            node.Connected += (_, _) => _changed.Release();
            node.Disconnected += (_, _) =>
            {
                Interlocked.Increment(ref _lost);
                _changed.Release();
            };
        }
    }

    /// <summary>Times that a loaded machine keeps.</summary>
    private static MeshOptions Options => new() { ConnectTimeout = TimeSpan.FromSeconds(60), HandshakeTimeout = TimeSpan.FromSeconds(60), DeadPeerTimeout = TimeSpan.FromSeconds(60) };

    /// <summary>Runs until the end of the input.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var host = new MeshHost(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture));
        await TellAsync(string.Join(' ', await Task.WhenAll(host._nodes.Select(node => node.StartAsync()))));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            await TellAsync(await host.AnswerAsync(words[0], words[1..]));
        }

        await Task.WhenAll(host._nodes.Select(node => node.CloseAsync()));
        return 0;
    }

    private async Task<string> AnswerAsync(string command, string[] arguments)
    {
        switch (command)
        {
            case "connect":
                await Task.WhenAll(_nodes.SelectMany((node, n) => _nodes[(n + 1)..].Select(other => other.Info!).Concat(arguments).Select(info => node.ConnectAsync(info))));
                return "connected";
            case "settle":
                var number = int.Parse(arguments[0], CultureInfo.InvariantCulture);
                await UntilAsync(() => _nodes.All(node => node.Connections.Count == number));
                return "settled";
            case "shout":
                return $"{(await Task.WhenAll(_nodes.Select(node => node.SendAsync(node.Connections, new { from = node.Id })))).Sum()}";
            case "lost":
                var losses = int.Parse(arguments[0], CultureInfo.InvariantCulture);
                await UntilAsync(() => Volatile.Read(ref _lost) >= losses);
                return $"{_lost}";
            default:
                return "unknown command";
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            // A connection that was made again raises no event.
            await _changed.WaitAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    private static async Task TellAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}
