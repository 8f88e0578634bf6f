using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>How a server begins, whom it takes, and how it ends.</summary>
public sealed class ServerLifeTests : IpcTest
{
    private readonly Seen _seen = new();

    [Fact]
    public async Task A_connection_beyond_the_limit_is_closed_at_once_and_its_place_comes_back()
    {
        var server = Make("world", options => options with { MaxConnections = 1 });
        server.Server.Connected += (_, _) => _seen.Add("connected");
        server.Server.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
        server.Server.Closed += (_, _) => _seen.Add("closed");
        await Within.Deadline(server.ServeAsync());
        using (await RawPeer.DialAsync(Directory.File("app.world")))
        {
            Assert.Equal("connected", await _seen.NextAsync());
            using var extra = await RawPeer.DialAsync(Directory.File("app.world"));
            Assert.Null(await extra.ReadFrameAsync());
            Assert.Equal("error Overloaded", await _seen.NextAsync());
        }

        Assert.Equal("closed", await _seen.NextAsync());
        await Within.Until(async () =>
        {
            using var next = await RawPeer.DialAsync(Directory.File("app.world"));
            return await _seen.NextAsync() == "connected";
        });
    }

    [Fact]
    public async Task A_stopped_server_gives_up_its_name_and_keeps_its_connections()
    {
        var (server, client) = await MakePairAsync();
        server.Server.On("message", message => _seen.Add(message.As<string>()!));

        await Within.Deadline(server.StopAsync());

        Assert.False(File.Exists(Directory.File("app.world")));
        Assert.Empty(server.Server.Endpoints);
        await client.EmitAsync("message", "still here");
        Assert.Equal("still here", await _seen.NextAsync());
        await Within.Deadline(server.ServeAsync());
        Assert.Single(server.Server.Endpoints);
    }

    [Fact]
    public async Task A_name_that_is_served_is_not_taken_over()
    {
        await Within.Deadline(Make("world").ServeAsync());

        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(Make("world").ServeAsync()));

        Assert.Equal(LinkError.NameUnavailable, error.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stale_socket_is_removed_unless_that_is_forbidden(bool unlink)
    {
        using (new RawListener(Directory.File("elsewhere")))
        {
            // A listener that is disposed removes the file at its own path.
            File.Move(Directory.File("elsewhere"), Directory.File("app.world"));
        }

        var serving = Make("world", options => options with { Unlink = unlink }).ServeAsync();

        if (unlink)
        {
            await Within.Deadline(serving);
        }
        else
        {
            Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(serving))).Error);
        }
    }

    [Fact]
    public async Task Serving_the_network_in_plain_text_needs_permission()
    {
        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(Make("world").ServeNetAsync("0.0.0.0", 0)));
        Assert.Equal(LinkError.Untrusted, error.Error);

        var endpoint = await Within.Deadline(Make("world", options => options with { AllowInsecureNetwork = true }).ServeNetAsync("0.0.0.0", 0));
        Assert.NotEqual(0, endpoint.Port);
    }

    [Fact]
    public async Task Without_host_and_port_those_of_the_options_count()
    {
        var first = await Within.Deadline(Make("world").ServeNetAsync(port: 0));
        Assert.Equal("127.0.0.1", first.Address);

        var error = await Assert.ThrowsAsync<LinkException>(
            () => Within.Deadline(Make("world", options => options with { NetworkPort = first.Port }).ServeNetAsync()));
        Assert.Equal(LinkError.NameUnavailable, error.Error);
    }

    [Fact]
    public async Task A_socket_can_be_closed_by_the_server()
    {
        var server = Make("world");
        server.Server.On("leave", message => message.Socket.CloseAsync());
        await Within.Deadline(server.ServeAsync());
        using var peer = await RawPeer.DialAsync(Directory.File("app.world"));

        await peer.SendAsync("{\"type\":\"leave\",\"data\":{}}\f");

        Assert.Null(await peer.ReadFrameAsync());
        await Within.Until(() => server.Server.Sockets.Count == 0);
    }

    [Fact]
    public async Task Disposal_ends_everything_and_may_be_repeated()
    {
        var (server, _) = await MakePairAsync();
        server.Server.Closed += (_, _) => _seen.Add("closed");
        using var peer = await RawPeer.DialAsync(Directory.File("app.world"));
        var client = await Within.Deadline(server.ConnectToAsync("world"));
        await Within.Until(() => server.Server.Sockets.Count == 3);
        client.Destroyed += (_, _) => _seen.Add("destroyed");

        await Within.Deadline(Task.WhenAll(server.DisposeAsync().AsTask(), server.DisposeAsync().AsTask()));

        Assert.Equal(["closed", "closed", "closed", "destroyed"], (await _seen.NextAsync(4)).Order());
        Assert.Null(await peer.ReadFrameAsync());
        Assert.False(File.Exists(Directory.File("app.world")));
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => server.ServeAsync())).Error);
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => server.ConnectToAsync("world"))).Error);
        Assert.Equal(LinkError.Disposed, Assert.Throws<LinkException>(() => server.Of("new")).Error);
    }

    [Fact]
    public async Task A_handler_may_dispose_what_it_belongs_to()
    {
        var (server, client) = await MakePairAsync();
        server.Server.On("stop", async _ =>
        {
            await server.DisposeAsync();
            _seen.Add("disposed");
        });
        server.Server.Closed += (_, _) => _seen.Add("closed");

        await client.EmitAsync("stop");

        Assert.Equal(["disposed", "closed"], await _seen.NextAsync(2));
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_ever_for_a_handler()
    {
        var time = new FakeTimeProvider();
        var (never, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        var server = Make("world", options => options with { TimeProvider = time });
        server.Server.On("wait", _ =>
        {
            begun.SetResult();
            return never.Task;
        });
        await Within.Deadline(server.ServeAsync());
        using var peer = await RawPeer.DialAsync(Directory.File("app.world"));
        await peer.SendAsync("{\"type\":\"wait\",\"data\":{}}\f");
        await Within.Deadline(begun.Task);

        var disposing = server.DisposeAsync().AsTask();
        await Within.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return disposing.IsCompleted;
        });
        never.SetResult();
    }
}
