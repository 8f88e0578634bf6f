using Link.Abstractions;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Streams.Datagrams;

public sealed class DatagramHostTests : IAsyncLifetime
{
    private readonly DatagramScene _scene = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _scene.DisposeAsync().AsTask();

    [Fact]
    public async Task The_first_datagram_of_an_address_makes_its_channel()
    {
        var host = await _scene.BindAsync();
        var socket = _scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(socket, "one\f");
        DatagramScene.Send(socket, "two\f");

        var channel = await _scene.EstablishedAsync();
        Assert.Equal("one", await DatagramScene.ReadAsync(channel));
        Assert.Equal("two", await DatagramScene.ReadAsync(channel));
        Assert.Equal(DatagramScene.EndpointOf(socket).ToString(), channel.Peer.Endpoint);
        Assert.False(channel.Peer.IsDialled);
        Assert.False(_scene.HasEstablished);
        Assert.Same(channel, Assert.Single(host.Channels));
    }

    [Fact]
    public async Task An_empty_datagram_makes_a_channel_and_no_frame()
    {
        var host = await _scene.BindAsync();
        var socket = _scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(socket, "");
        DatagramScene.Send(socket, "");
        DatagramScene.Send(socket, "first\f");
        Assert.Equal("first", await DatagramScene.ReadAsync(await _scene.EstablishedAsync()));
        Assert.False(_scene.HasEstablished);
    }

    [Fact]
    public async Task Each_address_has_a_channel_of_its_own()
    {
        var host = await _scene.BindAsync();
        var (one, two) = (_scene.OpenSocket(host.Endpoint), _scene.OpenSocket(host.Endpoint));
        DatagramScene.Send(one, "one\f");
        var first = await _scene.EstablishedAsync();
        DatagramScene.Send(two, "two\f");
        var second = await _scene.EstablishedAsync();

        DatagramScene.Write(second, "for two");
        DatagramScene.Write(first, "for one");
        Assert.Equal("for one\f", await DatagramScene.ReceiveAsync(one));
        Assert.Equal("for two\f", await DatagramScene.ReceiveAsync(two));
    }

    [Fact]
    public async Task All_frames_of_a_datagram_are_delivered()
    {
        var host = await _scene.BindAsync();
        DatagramScene.Send(_scene.OpenSocket(host.Endpoint), "one\ftwo\f\fthree\f");
        var channel = await _scene.EstablishedAsync();
        Assert.Equal("one", await DatagramScene.ReadAsync(channel));
        Assert.Equal("two", await DatagramScene.ReadAsync(channel));
        Assert.Equal("", await DatagramScene.ReadAsync(channel));
        Assert.Equal("three", await DatagramScene.ReadAsync(channel));
    }

    [Fact]
    public async Task A_frame_without_its_end_is_dropped_and_reported_and_harms_nothing()
    {
        var host = await _scene.BindAsync();
        var socket = _scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(socket, "whole\fcut");
        DatagramScene.Send(socket, "cut\f");
        var channel = await _scene.EstablishedAsync();
        Assert.Equal("whole", await DatagramScene.ReadAsync(channel));
        Assert.Equal("cut", await DatagramScene.ReadAsync(channel));

        var report = await _scene.ReportedAsync();
        Assert.Equal(LinkError.ProtocolViolation, report.Error);
        Assert.Contains(channel.Peer.Endpoint, report.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_cannot_be_had()
    {
        var host = await _scene.BindAsync();
        var refusal = await Assert.ThrowsAsync<LinkException>(() => _scene.BindAsync(host.Endpoint.ToString()));
        Assert.Equal(LinkError.NameUnavailable, refusal.Error);
        Assert.Contains(host.Endpoint.ToString(), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_beyond_loopback_must_be_allowed()
    {
        var refusal = await Assert.ThrowsAsync<LinkException>(() => _scene.BindAsync("udp4://0.0.0.0:0"));
        Assert.Equal(LinkError.Untrusted, refusal.Error);
    }

    [Fact]
    public async Task A_channel_in_silence_ends_and_one_in_use_goes_on()
    {
        var host = await _scene.BindAsync();
        var (silent, busy) = (_scene.OpenSocket(host.Endpoint), _scene.OpenSocket(host.Endpoint));
        DatagramScene.Send(silent, "silent\f");
        var ending = await _scene.EstablishedAsync();
        DatagramScene.Send(busy, "");
        var going = await _scene.EstablishedAsync();

        _scene.Clock.Advance(_scene.Limits.IdleTimeout / 2);
        DatagramScene.Write(going, "sending counts");
        _scene.Clock.Advance(_scene.Limits.IdleTimeout / 2);

        // What it had received can still be read.
        Assert.Equal("silent", await DatagramScene.ReadAsync(ending));
        Assert.Null(await DatagramScene.ReadAsync(ending));
        Assert.Same(going, Assert.Single(host.Channels));
        DatagramScene.Send(busy, "here\f");
        Assert.Equal("here", await DatagramScene.ReadAsync(going));

        // The same address again is somebody new.
        DatagramScene.Send(silent, "again\f");
        Assert.Equal("again", await DatagramScene.ReadAsync(await _scene.EstablishedAsync()));
    }

    [Fact]
    public async Task A_channel_that_owes_answers_goes_on_after_disposal_and_then_the_port_is_free()
    {
        var host = await _scene.BindAsync();
        var socket = _scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(socket, "ask\f");
        var channel = await _scene.EstablishedAsync();
        await Within.Deadline(host.DisposeAsync());
        await Within.Deadline(host.DisposeAsync());

        DatagramScene.Send(_scene.OpenSocket(host.Endpoint), "newcomer\f");
        DatagramScene.Send(socket, "ask again\f");
        Assert.Equal("ask", await DatagramScene.ReadQuestionAsync(channel));
        Assert.Equal("ask again", await DatagramScene.ReadQuestionAsync(channel));
        DatagramScene.Answer(channel, "answer");
        Assert.Equal("answer\f", await DatagramScene.ReceiveAsync(socket));
        Assert.False(_scene.HasEstablished);
        await Assert.ThrowsAsync<LinkException>(() => _scene.BindAsync(host.Endpoint.ToString()));

        DatagramScene.Answer(channel, "answer to the second");
        Assert.Null(await DatagramScene.ReadAsync(channel));
        await _scene.BindAsync(host.Endpoint.ToString());
    }

    [Fact]
    public async Task A_peer_that_is_gone_ends_nothing_for_others()
    {
        var host = await _scene.BindAsync();
        var gone = _scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(gone, "");
        var toGone = await _scene.EstablishedAsync();
        gone.Dispose();
        for (var count = 0; count < 10; count++)
        {
            DatagramScene.Write(toGone, "anybody?");
        }

        DatagramScene.Send(_scene.OpenSocket(host.Endpoint), "other\f");
        Assert.Equal("other", await DatagramScene.ReadAsync(await _scene.EstablishedAsync()));
    }

    [Fact]
    public async Task A_channel_that_cannot_be_taken_over_is_reported_and_gives_its_place_back()
    {
        await using var scene = new DatagramScene(maxPeers: 1);
        var host = await scene.BindAsync(established: _ => throw new InvalidOperationException("not now"));
        for (var count = 0; count < 5; count++)
        {
            DatagramScene.Send(scene.OpenSocket(host.Endpoint), "ask\f");
            Assert.Contains("not now", (await scene.ReportedAsync()).Message, StringComparison.Ordinal);
        }

        Assert.Empty(host.Channels);
        Assert.True(scene.Limit.TryTake());
    }

    [Fact]
    public async Task An_address_that_has_sent_nothing_can_be_reached_from_the_port_of_the_host()
    {
        var host = await _scene.BindAsync();
        var socket = _scene.OpenSocket();
        var channel = await host.ConnectAsync(DatagramScene.EndpointOf(socket));
        Assert.Same(channel, await _scene.EstablishedAsync());
        Assert.Same(channel, await host.ConnectAsync(DatagramScene.EndpointOf(socket)));

        DatagramScene.Write(channel, "hello");
        Assert.Equal("hello\f", await DatagramScene.ReceiveAsync(socket));
        socket.Connect(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, host.Endpoint.Port));
        DatagramScene.Send(socket, "hello back\f");
        Assert.Equal("hello back", await DatagramScene.ReadAsync(channel));
        Assert.False(_scene.HasEstablished);
    }

    [Fact]
    public async Task An_address_of_another_kind_cannot_be_reached()
    {
        var host = await _scene.BindAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => host.ConnectAsync(Endpoint.Parse("udp6://[::1]:9")).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => host.ConnectAsync(Endpoint.Parse("tcp://127.0.0.1:9")).AsTask());
        Assert.Empty(host.Channels);
    }
}
