using Link.Abstractions;
using Link.Benchmarks.Floor;
using Link.Benchmarks.Peers;
using Newtonsoft.Json.Linq;

namespace Link.Benchmarks;

/// <summary>The server process: the bare sockets' other side and all Link servers. Quiet ones cost the busy one nothing.</summary>
internal static class BenchmarkServer
{
    // The slow connections are more than a server takes by default.
    private const int MaxConnections = 4096;

    public static async Task RunAsync(string directory)
    {
        using var floor = new FloorServer();
        floor.Start(directory);
        await using var network = await NetworkServers.StartAsync(directory);
        var options = new ServerOptions { SocketRoot = directory, AllowMultiple = true, MaxConnections = MaxConnections };
        await using var unparsed = new Server(PeerNames.Unparsed, options);
        await using var low = new Server(PeerNames.LowLatency, options with { LowLatency = true });
        await using var jobject = new Server(PeerNames.JObject, options);
        await using var typed = new Server(PeerNames.Typed, options with { Serializer = SystemTextJsonSerializer.Default });
        await using var quiet = new Server(PeerNames.Quiet, options);
        await using var control = new Server(PeerNames.Control, options);

        unparsed.OnMessage(EchoAsync);
        low.OnMessage(EchoAsync);
        quiet.OnMessage(EchoAsync);
        jobject.OnMessage(message => message.ReplyAsync(new JObject { ["response"] = message.Data["content"] }));
        typed.OnMessage<Question, Answer>(question => Task.FromResult(new Answer { Response = question.Content }));
        var connections = new ConnectionCount(quiet);
        control.OnMessage<StateRequest, State>(async request =>
        {
            await (request.Connections < 0 ? Task.CompletedTask : connections.WaitForAsync(request.Connections));
            return ProcessState.Take(request.Collect);
        });

        await Task.WhenAll(new[] { unparsed, low, jobject, typed, quiet, control }.Select(server => server.StartAsync()));
        await ChildProcess.ServeUntilEndOfInputAsync();
    }

    private static Task EchoAsync(Message message) => message.ReplyAsync(message.Payload);
}
