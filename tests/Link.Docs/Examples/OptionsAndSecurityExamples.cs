using System.Runtime.Versioning;
using Link.Abstractions;

namespace Link.Docs.Examples;

/// <summary>The examples of options.md and security.md.</summary>
[SupportedOSPlatform("linux")]
public class OptionsAndSecurityExamples : Example
{
    [Fact]
    public async Task Options_are_given_when_a_server_is_made()
    {
        var directory = SocketRoot;

        // docs: options first
        var options = new ServerOptions
        {
            SocketRoot = directory,
            RequestTimeout = TimeSpan.FromSeconds(10),
            WaitForPeer = TimeSpan.FromSeconds(2),
        };
        await using var server = new Server("till", options);
        // end

        var missing = await Assert.ThrowsAsync<LinkException>(
            () => Other("other", options with { WaitForPeer = TimeSpan.Zero }).SendAsync("shop", new { }));
        Assert.Equal(LinkError.NoSuchPeer, missing.Error);
    }

    [Fact]
    public void Options_can_be_varied()
    {
        var options = Isolated;

        // docs: options vary
        var patient = options with { RequestTimeout = Timeout.InfiniteTimeSpan };
        // end

        Assert.Equal(options.SocketRoot, patient.SocketRoot);
    }

    [Fact]
    public async Task Sockets_can_have_a_directory_that_nobody_else_enters()
    {
        var home = SocketRoot;

        // docs: security directory
        var directory = Path.Combine(home, "sockets") + "/";
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var server = new Server("vault", new ServerOptions { SocketRoot = directory });
        await server.StartAsync();
        // end

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{directory}app.vault"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
    }

    [Fact]
    public async Task A_handler_can_ask_the_kernel_who_calls()
    {
        await using var server = new Server("vault", Isolated);

        // docs: security who
        server.OnMessage(message => message.ReplyAsync(new
        {
            claimed = message.SentBy,           // what the sender wrote: anything
            process = message.Peer.ProcessId,   // what the kernel says
            user = message.Peer.UserId,
        }));
        // end

        await server.StartAsync();
        var reply = await Other("till", Isolated with { Id = "root" }).SendAsync("vault", new { });
        Assert.Equal("root", (string?)reply["claimed"]);
        Assert.Equal(Environment.ProcessId, (int)reply["process"]!);
    }

    [Fact]
    public async Task Another_user_can_be_trusted()
    {
        var options = Isolated;

        // docs: security trust
        await using var server = new Server("vault", options with { TrustedUserIds = [0] });
        // end

        await server.StartAsync();
        Assert.True(server.IsStarted);
    }
}
