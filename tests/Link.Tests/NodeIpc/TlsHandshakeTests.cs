using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Handshakes that do not come to an end, or begin with something else.</summary>
public sealed class TlsHandshakeTests
{
    private const string Secret = "nobody but the peer may read this";

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Nothing_passes_in_plain_text()
    {
        await using var bench = new EndpointBench();
        var listener = bench.Create(new NodeIpcOptions { ListenOn = "tls://127.0.0.1:0", Tls = bench.Tls("one") });
        await bench.StartAsync(listener);
        await using var relay = new Relay(listener.Endpoint!);
        var server = bench.Serve(bench.DiallerOf(relay.Endpoint, bench.NoCertificate));

        var reply = await Within.Deadline(server.SendAsync(EndpointBench.Peer, new { Secret }));

        Assert.Equal(Secret, (string?)reply["echo"]!["Secret"]);
        Assert.DoesNotContain(Secret, relay.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("message", relay.Seen, StringComparison.Ordinal);
        await Within.Deadline(server.DisposeAsync());
    }

    [Theory]
    [InlineData("a listener that is not trusted")]
    [InlineData("a dialler that is not trusted")]
    [InlineData("a listener that speaks no TLS")]
    public async Task Nothing_passes_in_plain_text_where_a_handshake_fails(string what)
    {
        await using var bench = new EndpointBench();
        var listening = bench.Tls("one") with { RequireClientCertificate = what.StartsWith("a dialler", StringComparison.Ordinal) };
        var listener = bench.Create(new NodeIpcOptions
        {
            ListenOn = what.EndsWith("no TLS", StringComparison.Ordinal) ? "tcp://127.0.0.1:0" : "tls://127.0.0.1:0",
            Tls = listening,
        });
        await bench.StartAsync(listener);
        await using var relay = new Relay(listener.Endpoint!.Replace("tcp:", "tls:", StringComparison.Ordinal));
        var dialling = what.StartsWith("a listener that is", StringComparison.Ordinal)
            ? new TlsOptions { TrustedFiles = [bench.AnotherAuthority().AuthorityFile] }
            : bench.NoCertificate with { HandshakeTimeout = what.EndsWith("no TLS", StringComparison.Ordinal) ? Short : Within.Default };
        var server = bench.Serve(bench.DiallerOf(relay.Endpoint, dialling));

        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(server.SendAsync(EndpointBench.Peer, new { Secret })));

        await Within.Deadline(server.DisposeAsync());
        Assert.DoesNotContain(Secret, relay.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("message", relay.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_says_nothing_is_given_up()
    {
        await using var bench = new EndpointBench();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var dialler = bench.DiallerOf($"tls://{silent.LocalEndpoint}", bench.NoCertificate with { HandshakeTimeout = Short });
        var message = await EndpointBench.RefusedAsync(dialler, LinkError.Timeout);
        Assert.Equal($"peer (tls://{silent.LocalEndpoint}) did not finish the TLS handshake within 0.2 s.", message);
        await AssertEndedAsync(await Within.Deadline(silent.AcceptTcpClientAsync()));
    }

    [Fact]
    public async Task Silent_clients_are_bounded_given_up_and_disturb_nobody()
    {
        const int Max = 4;
        await using var bench = new EndpointBench();
        var tls = bench.Tls("one") with { HandshakeTimeout = TimeSpan.FromSeconds(4) };
        var listener = await bench.ListenAsync("tls://127.0.0.1:0", options => options with { Tls = tls, MaxConnections = Max });
        await using var before = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate));
        await using var accepted = await EndpointBench.AcceptAsync(listener);
        var silent = new List<TcpClient>();
        for (var count = 1; count < Max; count++)
        {
            silent.Add(bench.Keep(await ConnectAsync(listener)));
        }

        await AssertEndedAsync(await ConnectAsync(listener));
        Assert.Contains("4 are already open", await EndpointBench.FaultAsync(listener, LinkError.Overloaded), StringComparison.Ordinal);
        await before.WriteAsync(new Envelope { Kind = EnvelopeKind.Request, Id = RequestId.FromString("id"), Payload = Payload.FromJson("{}") });
        Assert.NotNull(await Within.Deadline(accepted.ReadAsync()));

        foreach (var client in silent)
        {
            await AssertEndedAsync(client);
            Assert.Contains("did not finish the TLS handshake within 4 s", await EndpointBench.FaultAsync(listener, LinkError.Timeout), StringComparison.Ordinal);
        }

        await using var after = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate));
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_handshake_that_is_cut_anywhere_is_a_clear_failure_of_both()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        foreach (var cutAfter in new[] { 0, 1, 5, 100, 300, 700 })
        {
            await using var relay = new Relay(listener.Endpoint!, cutAfter);
            var message = await EndpointBench.RefusedAsync(bench.DiallerOf(relay.Endpoint, bench.NoCertificate), LinkError.ConnectionLost);
            Assert.Contains($"peer ({relay.Endpoint}) ended the connection during the TLS handshake", message, StringComparison.Ordinal);
            Assert.Contains("(unnamed) (tls://127.0.0.1:", await EndpointBench.FaultAsync(listener, LinkError.ConnectionLost), StringComparison.Ordinal);
        }

        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Theory]
    [InlineData("garbage, and more of it")]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\"}\f")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0000\u0005hello")]
    public async Task Something_else_than_a_handshake_is_a_fault_and_disturbs_nobody(string text)
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        using var client = await ConnectAsync(listener);
        await client.Client.SendAsync(Encoding.Latin1.GetBytes(text));
        var from = $"127.0.0.1:{((IPEndPoint)client.Client.LocalEndPoint!).Port}";
        await AssertEndedAsync(client);
        var message = await EndpointBench.FaultAsync(listener, LinkError.ProtocolViolation);
        Assert.Contains($"The TLS handshake with (unnamed) (tls://{from}) failed: ", message, StringComparison.Ordinal);
        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate));
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_client_without_TLS_is_a_fault_of_the_listener_and_lost_to_itself()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        var plain = bench.Serve(bench.DiallerOf(listener.Endpoint!.Replace("tls:", "tcp:", StringComparison.Ordinal)));
        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(plain.SendAsync(EndpointBench.Peer, new { })));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (failure.Error, failure.Fate));
        await EndpointBench.FaultAsync(listener, LinkError.ProtocolViolation);
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_listener_that_answers_in_plain_text_is_no_TLS()
    {
        await using var bench = new EndpointBench();
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var refused = EndpointBench.RefusedAsync(bench.DiallerOf($"tls://{plain.LocalEndpoint}", bench.NoCertificate), LinkError.ProtocolViolation);
        using var client = await Within.Deadline(plain.AcceptTcpClientAsync());
        await client.Client.SendAsync(Encoding.UTF8.GetBytes("hello, who are you?"));
        Assert.Contains($"The TLS handshake with peer (tls://{plain.LocalEndpoint}) failed: ", await refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_dial_leaves_no_connection()
    {
        await using var bench = new EndpointBench();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var cancellation = new CancellationTokenSource();
        var dialling = bench.DiallerOf($"tls://{silent.LocalEndpoint}", bench.NoCertificate).ConnectAsync(EndpointBench.Peer, cancellation.Token).AsTask();
        using var client = await Within.Deadline(silent.AcceptTcpClientAsync());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(dialling));
        await AssertEndedAsync(client);
    }

    [Fact]
    public async Task Disposal_ends_handshakes_under_way()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        using var client = await ConnectAsync(listener);
        await Within.Deadline(listener.DisposeAsync());
        await AssertEndedAsync(client);
    }

    private static async Task<TcpClient> ConnectAsync(NodeIpcTransport listener)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(listener.Endpoint!).Port).WaitAsync(Within.Default);
        return client;
    }

    /// <summary>Reads whatever comes, until the other side has closed.</summary>
    private static async Task AssertEndedAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                while (await client.GetStream().ReadAsync(new byte[1024]).AsTask().WaitAsync(Within.Default) > 0)
                {
                }
            }
            catch (IOException)
            {
                // Reset: closed as well.
            }
        }
    }
}
