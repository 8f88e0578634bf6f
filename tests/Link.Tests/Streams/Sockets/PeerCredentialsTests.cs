using System.Net;
using System.Net.Sockets;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

public sealed class PeerCredentialsTests
{
    [Fact]
    public async Task Both_ends_of_a_connection_within_one_process_tell_that_process()
    {
        using var directory = new SocketDirectory();
        using var file = await Claims.ClaimAsync(directory["a"]);
        using var dialled = await UnixDialer.ConnectAsync(file.Path, TimeProvider.System, TimeSpan.Zero);
        using var accepted = await file.Listener.AcceptAsync().WaitAsync(Claims.Deadline);

        var fromDialled = Assert.NotNull(PeerCredentials.Of(dialled));
        var fromAccepted = Assert.NotNull(PeerCredentials.Of(accepted));

        Assert.Equal(fromDialled, fromAccepted);
        Assert.Equal(Environment.ProcessId, fromDialled.ProcessId);
        Assert.Equal(PeerCredentials.OwnUserId, fromDialled.UserId);
        Assert.Equal(IdFromKernel("Uid:"), fromDialled.UserId);
        Assert.Equal(IdFromKernel("Gid:"), fromDialled.GroupId);
    }

    [Fact]
    public async Task The_listening_process_is_told_to_the_one_that_connects()
    {
        using var directory = new SocketDirectory();
        await using var other = await Claimant.StartAsync("claim", directory["a"]);
        using var dialled = await UnixDialer.ConnectAsync(directory["a"], TimeProvider.System, TimeSpan.Zero);
        Assert.Equal(other.ProcessId, PeerCredentials.Of(dialled)?.ProcessId);
    }

    [Fact]
    public void A_socket_that_is_not_connected_has_no_peer()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Null(PeerCredentials.Of(socket));
    }

    [Fact]
    public void A_TCP_socket_has_no_credentials()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        Assert.Null(PeerCredentials.Of(client.Client));
    }

    [Fact]
    public void A_closed_socket_is_an_error()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => PeerCredentials.Of(socket));
    }

    // The second number in the line is the effective id.
    private static uint IdFromKernel(string key) => uint.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith(key, StringComparison.Ordinal)).Split('\t')[2],
        System.Globalization.CultureInfo.InvariantCulture);
}
