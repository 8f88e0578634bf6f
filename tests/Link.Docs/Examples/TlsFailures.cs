using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Link.Abstractions;
using Link.Docs.Pages;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The table of failures in tls.md, row by row.</summary>
public sealed class TlsFailures : Example, IDisposable
{
    private static readonly Dictionary<string, string[]> Rows = Repository.Doc("tls").Prose
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
        .ToDictionary(cells => cells[0]);

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly TestCertificates _certificates = new();
    private readonly TestCertificates _others = new("Other CA");

    public void Dispose()
    {
        _certificates.Dispose();
        _others.Dispose();
    }

    [Fact]
    public Task An_authority_that_is_not_trusted() => CallerNoticesAsync(
        "the server's authority is not trusted here", Own(), new TlsOptions { TrustedCertificates = [_others.Authority] });

    [Fact]
    public Task A_certificate_that_has_run_out() => CallerNoticesAsync(
        "the certificate has run out, or is not valid yet", Own(_certificates.Issue("test-two", isExpired: true)), Trusting());

    [Fact]
    public Task A_certificate_for_another_host() => CallerNoticesAsync(
        "it is for another host", Own(_certificates.Issue("test-two", hosts: ["shop.example"])), Trusting());

    [Fact]
    public Task A_check_that_says_no() => CallerNoticesAsync(
        "a check of the program said no", Own(), Trusting() with { Check = _ => false });

    [Fact]
    public Task No_certificate_where_one_is_required() => ServerNoticesAsync(
        "the server requires a certificate and the caller has none", Trusting() with { RequireClientCertificate = true }, Trusting());

    [Fact]
    public Task A_certificate_of_an_authority_that_the_server_does_not_trust() => ServerNoticesAsync(
        "the server does not trust the caller's authority",
        Trusting() with { RequireClientCertificate = true },
        Own(_others.Issue("test-one")) with { TrustedFiles = [_certificates.AuthorityFile] });

    [Fact]
    public async Task A_peer_that_does_not_speak_TLS()
    {
        var (port, _) = await ListenAsync("tcp", null);
        AssertIs("the server does not speak TLS", await CallAsync("tls", port, Trusting() with { HandshakeTimeout = Short }));
    }

    [Fact]
    public async Task A_caller_that_does_not_speak_TLS()
    {
        var (port, fault) = await ListenAsync("tls", Own());
        var row = Rows["the caller does not speak TLS"];
        AssertNames(row, await CallAsync("tcp", port, null));
        AssertSays(row, await Within.Deadline(fault));
    }

    [Fact]
    public async Task A_peer_that_stops_in_the_middle()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        AssertIs(
            "the server does not finish the handshake", await CallAsync("tls", port, Trusting() with { HandshakeTimeout = Short }));
    }

    [Fact]
    public void A_file_that_is_missing()
    {
        var options = new NodeIpcOptions { Tls = new TlsOptions { TrustedFiles = [$"{SocketRoot}missing.pem"] } };
        AssertSays(Rows["a file is missing, or no PEM"], Assert.ThrowsAny<ArgumentException>(() => new NodeIpcTransport(options)));
    }

    private async Task CallerNoticesAsync(string what, TlsOptions server, TlsOptions caller)
    {
        var (port, _) = await ListenAsync("tls", server);
        var failure = await CallAsync("tls", port, caller);
        AssertIs(what, failure);
        Assert.Equal(RequestFate.NotSent, failure.Fate);
    }

    private async Task ServerNoticesAsync(string what, TlsOptions server, TlsOptions caller)
    {
        var (certificate, key) = _certificates.Issue("test-two");
        var (port, fault) = await ListenAsync("tls", server with { CertificateFile = certificate, KeyFile = key });
        AssertNames(Rows[what], await CallAsync("tls", port, caller));
        AssertSays(Rows[what], await Within.Deadline(fault));
    }

    private static void AssertIs(string what, LinkException failure)
    {
        AssertNames(Rows[what], failure);
        AssertSays(Rows[what], failure);
    }

    private static void AssertNames(string[] row, LinkException failure) => Assert.Contains($"`{failure.Error}`", row[1], StringComparison.Ordinal);

    private static void AssertSays(string[] row, Exception failure) =>
        Assert.All(Regex.Matches(row[3], "`([^`]+)`"), part => Assert.Contains(part.Groups[1].Value, failure.Message, StringComparison.Ordinal));

    private TlsOptions Own((string CertificateFile, string KeyFile)? files = null)
    {
        var (certificate, key) = files ?? _certificates.Issue("test-two");
        return new TlsOptions { CertificateFile = certificate, KeyFile = key };
    }

    private TlsOptions Trusting() => new() { TrustedFiles = [_certificates.AuthorityFile] };

    private async Task<(int Port, Task<Exception> Fault)> ListenAsync(string scheme, TlsOptions? tls)
    {
        var port = FreePorts.Next();
        var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = $"{scheme}://127.0.0.1:{port}", Tls = tls });
        var server = Other("test-two", new ServerOptions { Transport = transport });
        var fault = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Error += (_, e) => fault.TrySetResult(e.Error);
        server.OnMessage(message => message.ReplyAsync(new { }));
        await server.StartAsync();
        return (port, fault.Task);
    }

    private async Task<LinkException> CallAsync(string scheme, int port, TlsOptions? tls)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["test-two"] = $"{scheme}://127.0.0.1:{port}" },
            Tls = tls,
        });
        var caller = Other("test-one", new ServerOptions { Transport = transport });
        return await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(caller.SendAsync("test-two", new { })));
    }
}
