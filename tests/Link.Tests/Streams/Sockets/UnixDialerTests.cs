using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UnixDialerTests : IDisposable
{
    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_missing_file_is_no_such_peer()
    {
        var failure = await FailsAsync(_directory["a"]);
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Contains(_directory["a"] + ": there is no such socket file", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_directory_is_no_such_peer() =>
        Assert.Equal(LinkError.NoSuchPeer, (await FailsAsync(_directory["none/a"])).Error);

    [Fact]
    public async Task A_path_through_a_file_is_no_such_peer()
    {
        await File.WriteAllTextAsync(_directory["file"], "");
        Assert.Equal(LinkError.NoSuchPeer, (await FailsAsync(_directory["file/a"])).Error);
    }

    [Fact]
    public async Task A_stale_file_is_no_such_peer_and_stays()
    {
        SocketDirectory.LeaveStaleFile(_directory["a"]);
        var failure = await FailsAsync(_directory["a"]);
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Contains("stale file", failure.Message, StringComparison.Ordinal);
        Assert.Equal(RequestFate.NotSent, failure.Fate);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_plain_file_is_no_such_peer()
    {
        await File.WriteAllTextAsync(_directory["a"], "");
        var failure = await FailsAsync(_directory["a"]);
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Contains("not a socket", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_of_another_type_is_no_such_peer()
    {
        using var foreign = SocketDirectory.ListenAsForeigner(_directory["a"], type: SocketType.Dgram);
        Assert.Equal(LinkError.NoSuchPeer, (await FailsAsync(_directory["a"])).Error);
    }

    [Fact]
    public void A_socket_that_another_user_keeps_closed_is_untrusted()
    {
        using var foreign = SocketDirectory.ListenAsForeigner(_directory["a"]);
        File.SetUnixFileMode(_directory["a"], UnixFileMode.None);
        if (Privileges.IsRoot)
        {
            Privileges.GiveToNobody(_directory["a"]);
            Assert.Equal(0, (int)File.GetUnixFileMode(_directory["a"]));
        }

        // The thread that dials is nobody to the kernel's file checks, which is why nobody's closed file refuses it.
        var failure = Assert.Throws<LinkException>(() => Privileges.WithoutRoot(
            () => UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero).GetAwaiter().GetResult()));
        Assert.Equal(Privileges.IsRoot ? LinkError.Untrusted : LinkError.NoSuchPeer, failure.Error);
        Assert.Contains(Privileges.IsRoot ? "another user (65534)" : "no permission", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_is_a_timeout_after_the_time_given()
    {
        using var listener = SocketDirectory.ListenAsForeigner(_directory["a"], backlog: 0);
        using var waiting = await UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero);

        var failure = await Assert.ThrowsAsync<LinkException>(
            () => UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.FromMilliseconds(50)).WaitAsync(Claims.Deadline));
        Assert.Equal(LinkError.Timeout, failure.Error);
        Assert.Contains("full for 50 ms", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_is_tried_again_until_there_is_room()
    {
        using var listener = SocketDirectory.ListenAsForeigner(_directory["a"], backlog: 0);
        using var first = await UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero);
        var second = UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, Claims.Deadline);
        Assert.False(second.IsCompleted);

        using var acceptedFirst = await listener.AcceptAsync().WaitAsync(Claims.Deadline);
        using var connected = await second.WaitAsync(Claims.Deadline);
        using var acceptedSecond = await listener.AcceptAsync().WaitAsync(Claims.Deadline);
        await acceptedSecond.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await connected.ReceiveAsync(new byte[1]).WaitAsync(Claims.Deadline));
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_room_and_leaves_no_connection()
    {
        using var listener = SocketDirectory.ListenAsForeigner(_directory["a"], backlog: 0);
        using var cancellation = new CancellationTokenSource();
        using var first = await UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero);
        var second = UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, Claims.Deadline, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Claims.Deadline));

        using var accepted = await listener.AcceptAsync().WaitAsync(Claims.Deadline);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_cancelled_token_connects_to_nobody()
    {
        using var listener = SocketDirectory.ListenAsForeigner(_directory["a"]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero, new CancellationToken(canceled: true)));
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_path_that_no_socket_can_have_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>("path", () => FailsAsync(_directory[new string('x', SocketPath.MaxBytes)]));
        await Assert.ThrowsAsync<ArgumentException>("path", () => FailsAsync("\0abstract"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            "timeout", () => UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, Timeout.InfiniteTimeSpan));
    }

    private static async Task<LinkException> FailsAsync(string path)
    {
        try
        {
            (await UnixDialer.ConnectAsync(path, TimeProvider.System, TimeSpan.Zero).WaitAsync(Claims.Deadline)).Dispose();
        }
        catch (LinkException e)
        {
            return e;
        }

        throw new InvalidOperationException("It connected.");
    }
}
