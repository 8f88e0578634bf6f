using System.Globalization;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SocketFileClaimTests : IDisposable
{
    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_free_name_is_claimed_and_accepts_connections()
    {
        using var file = await Claims.ClaimAsync(_directory["a"]);
        using var dialled = await UnixDialer.ConnectAsync(file.Path, TimeProvider.System, TimeSpan.Zero);
        using var accepted = await file.Listener.AcceptAsync().WaitAsync(Claims.Deadline);

        await dialled.SendAsync(new byte[] { 42 });
        var received = new byte[1];
        Assert.Equal(1, await accepted.ReceiveAsync(received).WaitAsync(Claims.Deadline));
        Assert.Equal(42, received[0]);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task The_file_is_closed_to_other_users()
    {
        using var file = await Claims.ClaimAsync(_directory["a"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
    }

    [Fact]
    public async Task Child_processes_do_not_inherit_the_listener()
    {
        const int CloseOnExec = 0x80000;
        using var file = await Claims.ClaimAsync(_directory["a"]);
        var descriptor = file.Listener.SafeHandle.DangerousGetHandle();
        var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.NotEqual(0, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & CloseOnExec);
    }

    [Fact]
    public async Task A_path_of_107_bytes_works()
    {
        var path = _directory[new string('x', SocketPath.MaxBytes - _directory.Root.Length)];
        using var file = await Claims.ClaimAsync(path);
        using var dialled = await UnixDialer.ConnectAsync(path, TimeProvider.System, TimeSpan.Zero);
        Assert.True(dialled.Connected);
    }

    [Fact]
    public async Task A_path_of_108_bytes_is_refused_and_nothing_is_made()
    {
        var path = _directory[new string('x', SocketPath.MaxBytes + 1 - _directory.Root.Length)];
        await Assert.ThrowsAsync<ArgumentException>("path", () => Claims.ClaimAsync(path));
        Assert.Empty(_directory.Names);
    }

    [Fact]
    public async Task A_stale_socket_file_is_replaced()
    {
        SocketDirectory.LeaveStaleFile(_directory["a"]);
        using var file = await Claims.ClaimAsync(_directory["a"]);
        using var dialled = await UnixDialer.ConnectAsync(file.Path, TimeProvider.System, TimeSpan.Zero);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_stale_socket_file_is_left_alone_when_it_may_not_be_removed()
    {
        SocketDirectory.LeaveStaleFile(_directory["a"]);
        Assert.Contains("stale", await Claims.RefusedAsync(_directory["a"], reclaimStale: false), StringComparison.Ordinal);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task The_file_of_a_killed_process_is_replaced()
    {
        await using (await Claimant.StartAsync("claim", _directory["a"]))
        {
        }

        Assert.Equal(["a"], _directory.Names);
        using var file = await Claims.ClaimAsync(_directory["a"]);
    }

    [Fact]
    public async Task A_live_server_keeps_its_name()
    {
        using var first = await Claims.ClaimAsync(_directory["a"]);
        var refusal = await Claims.RefusedAsync(_directory["a"]);
        Assert.Contains("live server", refusal, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refusal, StringComparison.Ordinal);

        using var dialled = await UnixDialer.ConnectAsync(first.Path, TimeProvider.System, TimeSpan.Zero);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_live_server_whose_queue_is_full_keeps_its_name()
    {
        using var foreign = SocketDirectory.ListenAsForeigner(_directory["a"], backlog: 0);
        using var waiting = await UnixDialer.ConnectAsync(_directory["a"], TimeProvider.System, TimeSpan.Zero);
        Assert.Contains("queue of connections is full", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_socket_of_another_type_counts_as_live()
    {
        using var foreign = SocketDirectory.ListenAsForeigner(_directory["a"], type: SocketType.Dgram);
        Assert.Contains("may be live", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a"], _directory.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_symbolic_link_is_refused(bool leadsToLiveSocket)
    {
        using var target = leadsToLiveSocket ? await Claims.ClaimAsync(_directory["target"]) : null;
        File.CreateSymbolicLink(_directory["a"], _directory["target"]);
        Assert.Contains("symbolic link", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(leadsToLiveSocket ? ["a", "target"] : ["a"], _directory.Names);
    }

    [Fact]
    public async Task A_symbolic_link_to_a_stale_socket_is_refused_and_both_stay()
    {
        SocketDirectory.LeaveStaleFile(_directory["target"]);
        File.CreateSymbolicLink(_directory["a"], _directory["target"]);
        Assert.Contains("symbolic link", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a", "target"], _directory.Names);
    }

    [Fact]
    public async Task A_plain_file_is_refused_and_keeps_its_contents()
    {
        await File.WriteAllTextAsync(_directory["a"], "precious");
        Assert.Contains("plain file", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(_directory["a"]));
    }

    [Fact]
    public async Task A_directory_is_refused()
    {
        Directory.CreateDirectory(_directory["a"]);
        Assert.Contains("a directory", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_stale_socket_file_of_another_user_is_refused()
    {
        if (!Privileges.IsRoot)
        {
            // An ordinary user cannot give a file away, but finds some of root's.
            await Claims.RefusedAsync("/etc/passwd");
            return;
        }

        SocketDirectory.LeaveStaleFile(_directory["a"]);
        Privileges.GiveToNobody(_directory["a"]);
        Assert.Contains("another user (65534)", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_missing_directory_is_told()
    {
        Assert.Contains("directory does not exist", await Claims.RefusedAsync(_directory["none/a"]), StringComparison.Ordinal);
        Assert.Empty(_directory.Names);
    }

    [Fact]
    public async Task A_directory_that_is_a_file_is_told()
    {
        await File.WriteAllTextAsync(_directory["file"], "");
        await Claims.RefusedAsync(_directory["file/a"]);
    }

    [Fact]
    public void A_missing_permission_is_told()
    {
        File.SetUnixFileMode(_directory.Root, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        try
        {
            var refusal = Assert.Throws<LinkException>(() => Privileges.WithoutRoot(
                () => SocketFile.ClaimAsync(_directory["a"], true, 1, Claims.Deadline, TimeProvider.System).AsTask().GetAwaiter().GetResult()));
            Assert.Equal(LinkError.NameUnavailable, refusal.Error);
            Assert.Contains("no permission", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(_directory.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Numbers_out_of_range_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("backlog", () => Claims.ClaimAsync(_directory["a"], backlog: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("lockTimeout", async () => await SocketFile.ClaimAsync(
            _directory["a"], true, 1, Timeout.InfiniteTimeSpan, TimeProvider.System));
    }
}
