using BenchmarkDotNet.Attributes;
using Link.Abstractions;
using Link.InMemory;

namespace Link.Benchmarks.Parts;

/// <summary>What joins a reply to its request: ids, and a whole round trip through promises and work queues without a wire.</summary>
public class RequestParts
{
    private const string Peer = "answers";
    private const int Together = 256;

    private readonly Task[] _replies = new Task[Together];
    private readonly RequestId _id = RequestId.FromString("0a1b2c3d4e5f6g");
    private readonly RequestId _same = RequestId.FromString("0a1b2c3d4e5f6g");
    private Server? _client;
    private Server? _server;

    /// <summary>Starts both servers in this process.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        var network = new InMemoryNetwork();
        _client = new Server("asks", new ServerOptions { AllowMultiple = true, Transport = new InMemoryTransport(network) });
        _server = new Server(Peer, new ServerOptions { AllowMultiple = true, Transport = new InMemoryTransport(network) });
        _server.OnMessage(message => message.ReplyAsync(message.Payload));
        await _server.StartAsync();
        await _client.ConnectToAsync(Peer);
    }

    /// <summary>Makes an id of a string.</summary>
    [Benchmark]
    public RequestId MakeId() => RequestId.FromString("0a1b2c3d4e5f6g");

    /// <summary>Looks an id up: its hash and a comparison.</summary>
    [Benchmark]
    public int FindId() => _id.Equals(_same) ? _id.GetHashCode() : 0;

    /// <summary>One request and its reply, alone.</summary>
    [Benchmark]
    public Task<Reply> RoundTrip() => _client!.SendAsync(Peer, Payloads.Small);

    /// <summary>One request and its reply, together with 255 others.</summary>
    [Benchmark(OperationsPerInvoke = Together)]
    public Task RoundTripTogether()
    {
        for (var index = 0; index < Together; index++)
        {
            _replies[index] = _client!.SendAsync(Peer, Payloads.Small);
        }

        return Task.WhenAll(_replies);
    }

    /// <summary>Ends both.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _client!.DisposeAsync();
        await _server!.DisposeAsync();
    }
}
