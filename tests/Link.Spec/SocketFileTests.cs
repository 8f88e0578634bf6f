using System.Net.Sockets;
using System.Runtime.Versioning;
using Link.Abstractions;
using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md, "Socket files".</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SocketFileTests : SpecTests
{
    [Fact]
    public async Task The_path_is_root_appspace_and_name()
    {
        await StartAsync("world", Wire with { AppSpace = "mine-" });

        Assert.True(File.Exists(SocketRoot + "mine-world"));
        Assert.Equal(("/tmp/", "app."), (new ServerOptions().SocketRoot, new ServerOptions().AppSpace));
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_refused()
    {
        var name = new string('n', 108 - PathOf("").Length);

        await Assert.ThrowsAsync<ArgumentException>(() => Make(name, Wire).StartAsync().Soon());
        await StartAsync(name[1..], Wire);
    }

    [Fact]
    public async Task The_file_is_for_its_owner_alone()
    {
        await StartAsync("test-two", Wire);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("test-two")));
        Assert.Equal([PathOf("test-two")], Directory.GetFileSystemEntries(SocketRoot));
    }

    [Fact]
    public async Task A_live_socket_is_never_taken_over()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { by = "first" }));

        await RefusedAsync(Wire);

        Assert.Equal("first", (string?)(await Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon())["by"]);
    }

    [Fact]
    public async Task A_stale_socket_is_reclaimed()
    {
        LeaveStaleSocket();

        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { }));

        Assert.True((await Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon()).Success);
    }

    [Fact]
    public async Task Without_Unlink_a_stale_socket_is_left_alone()
    {
        LeaveStaleSocket();

        await RefusedAsync(Wire with { Unlink = false });

        Assert.True(File.Exists(PathOf("test-two")));
    }

    [Fact]
    public async Task What_is_no_socket_is_never_deleted()
    {
        var path = PathOf("test-two");
        await File.WriteAllTextAsync(path, "precious");
        await RefusedAsync(Wire);
        Assert.Equal("precious", await File.ReadAllTextAsync(path));
        File.Delete(path);

        Directory.CreateDirectory(path);
        await RefusedAsync(Wire);
        Assert.True(Directory.Exists(path));
        Directory.Delete(path);

        File.CreateSymbolicLink(path, SocketRoot + "elsewhere");
        await RefusedAsync(Wire);
        Assert.Equal(SocketRoot + "elsewhere", new FileInfo(path).LinkTarget);
        Assert.False(File.Exists(SocketRoot + "elsewhere"));
    }

    [Fact]
    public async Task Stopping_removes_the_file_and_keeps_the_connections()
    {
        var receiver = await StartAsync("test-two", Wire, message => message.ReplyAsync(new { n = message.Data["n"] }));
        var sender = Make("test-one", Wire);
        await sender.SendAsync("test-two", new { n = 1 }).Soon();

        await receiver.StopAsync("bye").Soon();

        Assert.False(File.Exists(PathOf("test-two")));
        Assert.Equal(2, (int?)(await sender.SendAsync("test-two", new { n = 2 }).Soon())["n"]);
    }

    private void LeaveStaleSocket()
    {
        var path = PathOf("test-two");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, path + ".kept");
        }

        // Closing a socket removes the file it was bound to: moved away and back, it stays, as after a kill.
        File.Move(path + ".kept", path);
    }

    private async Task RefusedAsync(ServerOptions options)
    {
        var failure = await Assert.ThrowsAsync<LinkException>(() => Make("test-two", options).StartAsync().Soon());
        Assert.Equal(LinkError.NameUnavailable, failure.Error);
    }
}
