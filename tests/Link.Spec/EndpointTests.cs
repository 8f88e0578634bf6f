using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Spec.Support;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Spec;

/// <summary>SPEC.md, "Endpoints".</summary>
public sealed class EndpointTests : SpecTests
{
    private const string RequestStart = "{\"type\":\"message\",\"data\":\"{\\\"id\\\":\\\"";
    private const string RequestEnd = "\\\",\\\"sentBy\\\":\\\"test-one\\\",\\\"data\\\":{\\\"content\\\":\\\"Hello\\\"}}\"}\f";

    [Fact]
    public async Task A_name_of_the_table_is_where_the_table_says_and_every_other_is_a_socket_file()
    {
        var peers = new Dictionary<string, string> { ["remote"] = Loopback("tcp") };
        await StartAsync("remote", Over(peers), message => message.ReplyAsync(new { from = "remote" }));
        await StartAsync("local", Over(peers), message => message.ReplyAsync(new { from = "local" }));
        var sender = Make("test-one", Over(peers));

        Assert.Equal("remote", (string?)(await sender.SendAsync("remote", new { }).Soon())["from"]);
        Assert.Equal("local", (string?)(await sender.SendAsync("local", new { }).Soon())["from"]);
        Assert.Equal([PathOf("local")], Directory.GetFileSystemEntries(SocketRoot));
        Assert.Contains(sender.Peers, peer => peer.Name == "remote" && peer.Endpoint == peers["remote"]);
    }

    [Fact]
    public async Task The_own_name_of_the_table_may_be_listened_on_elsewhere()
    {
        var port = FreePorts.Next();
        var peers = new Dictionary<string, string> { ["test-two"] = Invariant($"tcp://localhost:{port}") };
        await StartAsync("test-two", Over(peers, options => options with { ListenOn = Invariant($"tcp://127.0.0.1:{port}") }), message => message.ReplyAsync(new { }));

        await Make("test-one", Over(peers)).SendAsync("test-two", new { }).Soon();
    }

    [Fact]
    public async Task The_frames_on_TCP_are_those_on_a_Unix_socket()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sender = Make("test-one", Over(new Dictionary<string, string> { ["test-two"] = Invariant($"tcp://{listener.LocalEndpoint}") }));
        var sent = sender.SendAsync("test-two", new { content = "Hello" });
        using var peer = RawPeer.Over(await listener.AcceptSocketAsync().Soon());

        await AnswerAsync(peer, sent);
    }

    [Fact]
    public async Task The_frames_inside_TLS_are_those_on_a_Unix_socket()
    {
        using var certificates = new TestCertificates();
        var (file, key) = certificates.Issue("test-two");
        using var own = X509Certificate2.CreateFromPemFile(file, key);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var peers = new Dictionary<string, string> { ["test-two"] = Invariant($"tls://{listener.LocalEndpoint}") };
        var sender = Make("test-one", Over(peers, options => options with { Tls = new TlsOptions { TrustedFiles = [certificates.AuthorityFile] } }));
        var sent = sender.SendAsync("test-two", new { content = "Hello" });
        var stream = new SslStream(new NetworkStream(await listener.AcceptSocketAsync().Soon(), ownsSocket: true));
        using var peer = new RawPeer(stream);
        await stream.AuthenticateAsServerAsync(own).Soon();

        await AnswerAsync(peer, sent);
    }

    [Theory]
    [InlineData("tcp://0.0.0.0:0")]
    [InlineData("tcp://[::]:0")]
    [InlineData("udp4://0.0.0.0:0")]
    public async Task Listening_beyond_loopback_needs_TLS_or_permission(string endpoint)
    {
        var peers = new Dictionary<string, string> { ["test-two"] = endpoint };

        var refusal = await Assert.ThrowsAsync<LinkException>(() => Make("test-two", Over(peers)).StartAsync().Soon());

        Assert.Equal(LinkError.Untrusted, refusal.Error);
        Assert.Contains("AllowInsecureNetwork", refusal.Message, StringComparison.Ordinal);
        await StartAsync("test-two", Over(peers, options => options with { AllowInsecureNetwork = true }));
    }

    private static async Task AnswerAsync(RawPeer peer, Task<Reply> sent)
    {
        var frame = await peer.ReadAsync();
        Assert.StartsWith(RequestStart, frame, StringComparison.Ordinal);
        Assert.EndsWith(RequestEnd, frame, StringComparison.Ordinal);
        var id = frame![RequestStart.Length..^RequestEnd.Length];
        await peer.SendAsync($$"""{"success":true,"id":"{{id}}","response":"Hello world!"}""");
        Assert.Equal("Hello world!", (string?)(await sent.Soon())["response"]);
    }

    private static string Loopback(string scheme) => Invariant($"{scheme}://127.0.0.1:{FreePorts.Next()}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private ServerOptions Over(IReadOnlyDictionary<string, string> peers, Func<NodeIpcOptions, NodeIpcOptions>? adjust = null)
    {
        var options = new NodeIpcOptions { SocketRoot = SocketRoot, Peers = peers };
        return new ServerOptions { AllowMultiple = true, Transport = new NodeIpcTransport(adjust is null ? options : adjust(options)) };
    }
}
