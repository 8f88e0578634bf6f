using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

public sealed class SocketFileDisposalTests : IDisposable
{
    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Disposal_closes_the_listener_and_removes_the_file()
    {
        var file = await Claims.ClaimAsync(_directory["a"]);
        file.Dispose();
        Assert.Empty(_directory.Names);
        Assert.Throws<ObjectDisposedException>(() => file.Listener.Listen());
    }

    [Fact]
    public async Task Disposal_leaves_accepted_connections_open()
    {
        var file = await Claims.ClaimAsync(_directory["a"]);
        using var dialled = await UnixDialer.ConnectAsync(file.Path, TimeProvider.System, TimeSpan.Zero);
        using var accepted = await file.Listener.AcceptAsync().WaitAsync(Claims.Deadline);
        file.Dispose();
        await accepted.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await dialled.ReceiveAsync(new byte[1]).WaitAsync(Claims.Deadline));
    }

    [Fact]
    public async Task The_second_disposal_does_nothing_to_the_next_owner()
    {
        var first = await Claims.ClaimAsync(_directory["a"]);
        first.Dispose();
        using var second = await Claims.ClaimAsync(_directory["a"]);
        first.Dispose();
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task An_old_instance_disposed_after_a_takeover_leaves_the_file_of_its_successor()
    {
        var old = await Claims.ClaimAsync(_directory["a"]);
        File.Delete(_directory["a"]);
        using var successor = SocketDirectory.ListenAsForeigner(_directory["a"]);
        old.Dispose();
        Assert.Equal(["a"], _directory.Names);
        using var dialled = await UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero);
        using var accepted = await successor.AcceptAsync().WaitAsync(Claims.Deadline);
    }

    [Fact]
    public async Task An_old_instance_collected_after_a_takeover_leaves_the_file_of_its_successor()
    {
        await ForgetAsync();
        using var successor = SocketDirectory.ListenAsForeigner(_directory["a"]);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(["a"], _directory.Names);

        async Task ForgetAsync()
        {
            await Claims.ClaimAsync(_directory["a"]);
            File.Delete(_directory["a"]);
        }
    }

    [Fact]
    public async Task A_plain_file_put_in_the_place_of_the_socket_stays()
    {
        var old = await Claims.ClaimAsync(_directory["a"]);
        File.Delete(_directory["a"]);
        await File.WriteAllTextAsync(_directory["a"], "precious");
        old.Dispose();
        Assert.Equal("precious", await File.ReadAllTextAsync(_directory["a"]));
    }

    [Fact]
    public async Task A_file_that_is_gone_already_is_no_failure()
    {
        var file = await Claims.ClaimAsync(_directory["a"]);
        File.Delete(_directory["a"]);
        file.Dispose();
        Assert.Empty(_directory.Names);
    }

    [Fact]
    public async Task A_directory_that_is_gone_already_is_no_failure()
    {
        Directory.CreateDirectory(_directory["sub"]);
        var file = await Claims.ClaimAsync(_directory["sub/a"]);
        Directory.Delete(_directory["sub"], recursive: true);
        file.Dispose();
        Assert.Empty(_directory.Names);
    }

    [Fact]
    public async Task While_another_holds_the_lock_the_file_stays_and_the_next_claim_replaces_it()
    {
        var file = await Claims.ClaimAsync(_directory["a"]);
        await using (await Claimant.StartAsync("lock", _directory["a"]))
        {
            SocketDirectory.ShutDown(file.Listener);
            file.Dispose();
            Assert.Equal(["a", "a.lock"], _directory.Names);
            await Assert.ThrowsAsync<LinkException>(() => UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero));
        }

        using var next = await Claims.ClaimAsync(_directory["a"]);
        Assert.Equal(["a"], _directory.Names);
    }
}
