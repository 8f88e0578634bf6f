using Link.Abstractions;
using Link.Streams.Datagrams;
using Link.Testing;

namespace Link.Tests.Streams.Datagrams;

public sealed class DatagramBoundsTests
{
    [Fact]
    public async Task A_full_table_makes_room_with_the_peer_heard_of_longest_ago()
    {
        await using var scene = new DatagramScene(maxPeers: 2);
        var host = await scene.BindAsync();
        var (one, two) = (scene.OpenSocket(host.Endpoint), scene.OpenSocket(host.Endpoint));
        DatagramScene.Send(one, "");
        var first = await scene.EstablishedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        DatagramScene.Send(two, "");
        var second = await scene.EstablishedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        DatagramScene.Send(one, "still here\f");
        Assert.Equal("still here", await DatagramScene.ReadAsync(first));
        DatagramScene.Write(first, "so I hear");

        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "newcomer\f");
        var third = await scene.EstablishedAsync();
        Assert.Equal("newcomer", await DatagramScene.ReadAsync(third));
        Assert.Null(await DatagramScene.ReadAsync(second));
        Assert.Equal([first, third], host.Channels.OrderBy(channel => channel == third));
    }

    [Fact]
    public async Task Who_waits_for_an_answer_keeps_its_place_and_the_newcomer_is_dropped_unanswered()
    {
        await using var scene = new DatagramScene(maxPeers: 1);
        var host = await scene.BindAsync();
        var asking = scene.OpenSocket(host.Endpoint);
        DatagramScene.Send(asking, "ask\f");
        var channel = await scene.EstablishedAsync();
        var newcomer = scene.OpenSocket(host.Endpoint);

        // Not yet read, then read and not yet answered.
        DatagramScene.Send(newcomer, "newcomer\f");
        Assert.Equal(LinkError.Overloaded, (await scene.ReportedAsync()).Error);
        Assert.Equal("ask", await DatagramScene.ReadQuestionAsync(channel));
        DatagramScene.Send(newcomer, "newcomer\f");
        Assert.Equal(LinkError.Overloaded, (await scene.ReportedAsync()).Error);
        await Assert.ThrowsAsync<LinkException>(() => host.ConnectAsync(DatagramScene.EndpointOf(scene.OpenSocket())).AsTask());

        DatagramScene.Answer(channel, "answer");
        Assert.Equal("answer\f", await DatagramScene.ReceiveAsync(asking));
        DatagramScene.Send(newcomer, "now\f");
        Assert.Equal("now", await DatagramScene.ReadAsync(await scene.EstablishedAsync()));
        Assert.Equal(0, newcomer.Available);
    }

    [Fact]
    public async Task Who_was_not_answered_for_long_makes_room_after_all()
    {
        await using var scene = new DatagramScene(maxPeers: 1);
        var host = await scene.BindAsync();
        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "no request at all\f");
        var channel = await scene.EstablishedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(31));

        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "newcomer\f");
        Assert.Equal("newcomer", await DatagramScene.ReadAsync(await scene.EstablishedAsync()));
        Assert.Equal("no request at all", await DatagramScene.ReadAsync(channel));
        Assert.Null(await DatagramScene.ReadAsync(channel));
    }

    [Fact]
    public async Task Channels_that_made_room_and_that_nobody_took_over_are_bounded()
    {
        await using var scene = new DatagramScene(maxPeers: 3);
        var host = await scene.BindAsync();
        for (var count = 0; count < 6; count++)
        {
            DatagramScene.Send(scene.OpenSocket(host.Endpoint), "");
            await scene.EstablishedAsync();
        }

        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "");
        Assert.Equal(LinkError.Overloaded, (await scene.ReportedAsync()).Error);
        Assert.Equal(3, host.Channels.Count);

        scene.Limit.Release();
        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "");
        await scene.EstablishedAsync();
    }

    [Fact]
    public async Task A_reader_that_does_not_read_loses_the_newest_which_is_told_once_in_a_while()
    {
        const int Length = 8 * 1024;
        await using var scene = new DatagramScene(limits: new DatagramLimits { ReceiveBacklogBytes = 64 * 1024 });
        var host = await scene.BindAsync();
        var socket = scene.OpenSocket(host.Endpoint);
        for (var count = 0; count < 20; count++)
        {
            DatagramScene.Send(socket, $"{count}{new string('x', Length)}\f");
        }

        var channel = await scene.EstablishedAsync();
        Assert.Equal(LinkError.Overloaded, (await scene.ReportedAsync()).Error);

        // All twenty have been taken or lost when somebody who came later is known. The next is so small that it fits.
        DatagramScene.Send(scene.OpenSocket(host.Endpoint), "");
        await scene.EstablishedAsync();
        DatagramScene.Send(socket, "last\f");
        for (var count = 0; count < 7; count++)
        {
            Assert.StartsWith($"{count}x", await DatagramScene.ReadAsync(channel), StringComparison.Ordinal);
        }

        Assert.Equal("last", await DatagramScene.ReadAsync(channel));
        await channel.DisposeAsync();
        Assert.Contains("12 datagrams", (await scene.ReportedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_larger_than_a_datagram_may_be_is_refused_before_it_is_sent()
    {
        await using var scene = new DatagramScene(limits: new DatagramLimits { MaxDatagramBytes = 100 });
        var socket = scene.OpenSocket();
        var channel = await scene.DialAsync(DatagramScene.EndpointOf(socket));
        DatagramScene.Write(channel, new string('a', 99));
        var refusal = Assert.Throws<LinkException>(() => DatagramScene.Write(channel, new string('b', 100)));
        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        DatagramScene.Write(channel, "c");

        Assert.Equal("", await DatagramScene.ReceiveAsync(socket));
        Assert.Equal(new string('a', 99) + "\f", await DatagramScene.ReceiveAsync(socket));
        Assert.Equal("c\f", await DatagramScene.ReceiveAsync(socket));
    }

    [Fact]
    public async Task The_largest_datagram_that_IPv4_has_is_sent_and_received()
    {
        await using var scene = new DatagramScene();
        var host = await scene.BindAsync();
        var channel = await scene.DialAsync(host.Endpoint);
        var text = new string('x', DatagramLimits.LargestDatagram - 1);
        DatagramScene.Write(channel, text);
        Assert.Equal(text, await DatagramScene.ReadAsync(await scene.EstablishedAsync()));
    }

    [Theory]
    [InlineData(63, 1, 64 * 1024)]
    [InlineData(65_508, 1, 64 * 1024)]
    [InlineData(64, 0, 64 * 1024)]
    [InlineData(64, 86_401, 64 * 1024)]
    [InlineData(64, 1, 1024)]
    public void Bounds_outside_their_range_are_refused(int maxDatagram, int idleSeconds, int backlog)
    {
        var limits = new DatagramLimits
        {
            MaxDatagramBytes = maxDatagram, IdleTimeout = TimeSpan.FromSeconds(idleSeconds), ReceiveBacklogBytes = backlog,
        };
        Assert.Throws<ArgumentOutOfRangeException>(limits.Validate);
    }
}
