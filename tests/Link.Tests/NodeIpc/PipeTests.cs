using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Named pipes; where there are none, .NET makes them of Unix sockets.</summary>
public sealed class PipeTests
{
    [Theory]
    [InlineData("/tmp/app.world", @"\\.\pipe\tmp-app.world")]
    [InlineData("tmp/app.world", @"\\.\pipe\tmp-app.world")]
    [InlineData("//a/b", @"\\.\pipe\-a-b")]
    [InlineData(@"\\.\pipe\mine", @"\\.\pipe\mine")]
    public void A_pipe_is_named_as_node_ipc_names_it(string path, string pipe) => Assert.Equal(pipe, PipeName.Of(path));

    [Fact]
    public async Task Requests_pass_through_a_pipe()
    {
        await using var bench = new EndpointBench();
        var endpoint = $"pipe:{TestNames.Next()}";
        await bench.StartAsync(bench.Create(new NodeIpcOptions { ListenOn = endpoint }));
        for (var count = 0; count < 3; count++)
        {
            var server = bench.Serve(bench.DiallerOf(endpoint));
            Assert.Equal(count, (int?)(await Within.Deadline(server.SendAsync(EndpointBench.Peer, new { count })))["echo"]!["count"]);
        }
    }

    [Fact]
    public async Task A_missing_pipe_is_no_such_peer()
    {
        await using var bench = new EndpointBench();
        var endpoint = $"pipe:{TestNames.Next()}";
        Assert.Contains(endpoint, await EndpointBench.RefusedAsync(bench.DiallerOf(endpoint), LinkError.NoSuchPeer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_has_one_listener_and_is_free_again_after_it()
    {
        await using var bench = new EndpointBench();
        var endpoint = $"pipe:{TestNames.Next()}";
        var listener = await bench.ListenAsync(endpoint);
        var failure = await Assert.ThrowsAsync<LinkException>(() => bench.ListenAsync(endpoint));
        Assert.Equal(LinkError.NameUnavailable, failure.Error);
        Assert.Contains(endpoint, failure.Message, StringComparison.Ordinal);
        await Within.Deadline(listener.UnbindAsync());
        await bench.ListenAsync(endpoint);
    }
}
