using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Who is let in over TLS, who is not, and what each side is told.</summary>
public sealed class TlsTrustTests
{
    [Fact]
    public async Task With_certificates_on_both_sides_each_knows_who_the_other_is()
    {
        await using var bench = new EndpointBench();
        var (one, two) = (bench.Tls("one"), bench.Tls("two"));
        var listener = await bench.ListenWithTlsAsync(one with { RequireClientCertificate = true });
        var dialled = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, two));
        var accepted = await EndpointBench.AcceptAsync(listener);

        Assert.Equal(("CN=one", HashOf(one)), (dialled.Peer.CertificateSubject, dialled.Peer.CertificateHash));
        Assert.Equal(("CN=two", HashOf(two)), (accepted.Peer.CertificateSubject, accepted.Peer.CertificateHash));
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_handler_is_told_the_certificate_of_who_asks()
    {
        await using var bench = new EndpointBench();
        var tls = bench.Tls("two");
        var listener = bench.Create(new NodeIpcOptions
        {
            ListenOn = "tls://127.0.0.1:0",
            Tls = bench.Tls("one") with { RequireClientCertificate = true },
        });
        await using var server = new Server("listener", new ServerOptions { Transport = listener, AllowMultiple = true });
        server.OnMessage(message => message.ReplyAsync(new { subject = message.Peer.CertificateSubject, hash = message.Peer.CertificateHash }));
        await Within.Deadline(server.StartAsync());

        var dialler = bench.Serve(bench.DiallerOf(listener.Endpoint!, tls));
        var reply = await Within.Deadline(dialler.SendAsync(EndpointBench.Peer, new { }));

        Assert.Equal("CN=two", (string?)reply["subject"]);
        Assert.Equal(HashOf(tls), (string?)reply["hash"]);
    }

    [Fact]
    public async Task Without_being_asked_a_client_needs_no_certificate_and_tells_none()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.Tls("two")));
        var accepted = await EndpointBench.AcceptAsync(listener);
        Assert.Null(accepted.Peer.CertificateSubject);
        Assert.Null(accepted.Peer.CertificateHash);
    }

    [Fact]
    public async Task A_file_may_hold_the_chain_up_to_the_authority()
    {
        await using var bench = new EndpointBench();
        var (one, two) = (bench.Tls(bench.Certificates.IssueThroughAnother("one")), bench.Tls(bench.Certificates.IssueThroughAnother("two")));
        var listener = await bench.ListenWithTlsAsync(one with { RequireClientCertificate = true });
        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, two));
        Assert.Equal("CN=two", (await EndpointBench.AcceptAsync(listener)).Peer.CertificateSubject);
    }

    [Fact]
    public async Task Certificates_may_be_given_as_objects()
    {
        await using var bench = new EndpointBench();
        var (certificateFile, keyFile) = bench.Certificates.Issue("one");
        using var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var tls = new TlsOptions { Certificate = certificate, TrustedCertificates = [bench.Certificates.Authority], RequireClientCertificate = true };
        var listener = await bench.ListenWithTlsAsync(tls);
        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, tls));
        Assert.Equal("CN=one", (await EndpointBench.AcceptAsync(listener)).Peer.CertificateSubject);
    }

    [Fact]
    public async Task A_listener_of_an_unknown_authority_is_refused_and_told_so()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        var dialler = bench.DiallerOf(listener.Endpoint!, new TlsOptions { TrustedCertificates = [bench.AnotherAuthority().Authority] });

        var message = await EndpointBench.RefusedAsync(dialler, LinkError.Untrusted);

        Assert.Contains($"peer ({listener.Endpoint}) was refused: its certificate CN=one is not trusted", message, StringComparison.Ordinal);
        await AssertRefusedByDiallerAsync(listener);
    }

    [Fact]
    public async Task Nobody_is_trusted_by_default_but_whom_the_system_trusts()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        Assert.Contains("not trusted", await EndpointBench.RefusedAsync(bench.DiallerOf(listener.Endpoint!), LinkError.Untrusted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_on_either_side()
    {
        await using var bench = new EndpointBench();
        var expired = bench.Tls(bench.Certificates.Issue("old", isExpired: true));
        var old = await bench.ListenWithTlsAsync(expired);
        var message = await EndpointBench.RefusedAsync(bench.DiallerOf(old.Endpoint!, bench.NoCertificate), LinkError.Untrusted);
        Assert.Contains("its certificate CN=old is valid from", message, StringComparison.Ordinal);
        await AssertRefusedByDiallerAsync(old);

        var strict = await bench.ListenWithTlsAsync(bench.Tls("one") with { RequireClientCertificate = true });
        await ConnectsAndIsRefusedAsync(bench.DiallerOf(strict.Endpoint!, expired));
        Assert.Contains("CN=old is valid from", await EndpointBench.FaultAsync(strict, LinkError.Untrusted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_that_name_is_expected()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls(bench.Certificates.Issue("one", ["elsewhere.test"])));
        var message = await EndpointBench.RefusedAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate), LinkError.Untrusted);
        Assert.Contains("its certificate CN=one is not for 127.0.0.1", message, StringComparison.Ordinal);
        await AssertRefusedByDiallerAsync(listener);

        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate with { TargetHost = "elsewhere.test" }));
        await EndpointBench.AcceptAsync(listener);
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_certificate_without_an_address_of_the_host_is_refused_by_address_and_taken_by_name()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls(bench.Certificates.Issue("one", ["localhost"])));
        await EndpointBench.RefusedAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate), LinkError.Untrusted);
        var byName = listener.Endpoint!.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await EndpointBench.DialAsync(bench.DiallerOf(byName, bench.NoCertificate));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("another authority")]
    [InlineData("for servers only")]
    public async Task A_client_whose_certificate_will_not_do_is_refused_and_told_so(string what)
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with { RequireClientCertificate = true });
        var (tls, told) = what switch
        {
            "none" => (bench.NoCertificate, "was refused: it sent no certificate"),
            "another authority" => (
                bench.Tls(bench.AnotherAuthority().Issue("two")), "was refused: its certificate CN=two is not trusted"),
            _ => (bench.Tls(bench.Certificates.Issue("two", isForServersOnly: true)), "its certificate CN=two is not trusted (NotValidForUsage)"),
        };

        await ConnectsAndIsRefusedAsync(bench.DiallerOf(listener.Endpoint!, tls));

        Assert.Contains(told, await EndpointBench.FaultAsync(listener, LinkError.Untrusted), StringComparison.Ordinal);
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task Whoever_waits_for_a_reply_is_told_that_the_listener_refused()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with { RequireClientCertificate = true });
        for (var round = 0; round < 20; round++)
        {
            var server = bench.Serve(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate));
            var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(server.SendAsync(EndpointBench.Peer, new { text = new string('x', round * 10_000) })));
            Assert.True(failure.Error == LinkError.Untrusted, failure.ToString());
            Assert.Contains("refused this process's certificate, or the lack of one", failure.Message, StringComparison.Ordinal);
            Assert.Contains(listener.Endpoint!, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refused_peer_disturbs_nobody_else()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with { RequireClientCertificate = true });
        await using var good = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.Tls("two")));
        await using var accepted = await EndpointBench.AcceptAsync(listener);
        await ConnectsAndIsRefusedAsync(bench.DiallerOf(listener.Endpoint!, bench.NoCertificate));
        await EndpointBench.FaultAsync(listener, LinkError.Untrusted);

        await good.WriteAsync(new Envelope { Kind = EnvelopeKind.Request, Id = RequestId.FromString("id"), Payload = Payload.FromJson("{}") });
        Assert.NotNull(await Within.Deadline(accepted.ReadAsync()));
    }

    [Fact]
    public async Task A_check_that_does_not_return_holds_up_no_end()
    {
        await using var bench = new EndpointBench();
        using var release = new ManualResetEventSlim();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with
        {
            Check = _ =>
            {
                asked.TrySetResult();
                return release.Wait(Within.Default);
            },
        });
        var dialling = EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.Tls("two")));
        await Within.Deadline(asked.Task);

        await Within.Deadline(listener.UnbindAsync());

        release.Set();
        await using var refused = await Within.Deadline(dialling);
        var end = await Record.ExceptionAsync(async () => Assert.Null(await Within.Deadline(refused.ReadAsync())));
        Assert.True(end is null or LinkException, end?.ToString());
    }

    [Fact]
    public async Task A_check_may_be_stricter()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with { Check = check => check.IsValid && check.Certificate!.Subject == "CN=friend" });
        await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, bench.Tls("friend")));
        Assert.Equal("CN=friend", (await EndpointBench.AcceptAsync(listener)).Peer.CertificateSubject);

        await ConnectsAndIsRefusedAsync(bench.DiallerOf(listener.Endpoint!, bench.Tls("stranger")));
        Assert.Contains("the program's own check refused its certificate", await EndpointBench.FaultAsync(listener, LinkError.Untrusted), StringComparison.Ordinal);

        var dialler = bench.DiallerOf(listener.Endpoint!, bench.Tls("friend") with { Check = _ => false });
        Assert.Contains("own check refused", await EndpointBench.RefusedAsync(dialler, LinkError.Untrusted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_may_be_looser()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls(bench.Certificates.Issue("one", isExpired: true)) with { Check = _ => true });
        var hash = "";
        var pinned = new TlsOptions { Check = check => (hash = check.Certificate!.GetCertHashString(HashAlgorithmName.SHA256)).Length > 0 && !check.IsValid };
        var dialled = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, pinned));
        Assert.Equal(hash, dialled.Peer.CertificateHash);
        Assert.Null((await EndpointBench.AcceptAsync(listener)).Peer.CertificateSubject);
    }

    [Fact]
    public async Task A_check_that_throws_refuses()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        var dialler = bench.DiallerOf(listener.Endpoint!, bench.NoCertificate with { Check = _ => throw new InvalidOperationException("no idea") });
        Assert.Contains("own check of its certificate failed: no idea", await EndpointBench.RefusedAsync(dialler, LinkError.Untrusted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_fetched_from_where_a_certificate_says()
    {
        await using var bench = new EndpointBench();
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        var tls = bench.Tls(bench.Certificates.IssueThroughAnother("two", $"http://{web.LocalEndpoint}/ca.der"));
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one") with { RequireClientCertificate = true });
        await ConnectsAndIsRefusedAsync(bench.DiallerOf(listener.Endpoint!, tls));
        Assert.Contains("PartialChain", await EndpointBench.FaultAsync(listener, LinkError.Untrusted), StringComparison.Ordinal);
        Assert.False(web.Pending());
    }

    private static string HashOf(TlsOptions tls)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(tls.CertificateFile!);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    /// <summary>With TLS 1.3 the listener has done its part when the dialler refuses it: it has a connection, and learns from its first read.</summary>
    private static async Task AssertRefusedByDiallerAsync(ITransport listener)
    {
        await using var accepted = await EndpointBench.AcceptAsync(listener);
        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(accepted.ReadAsync()));
        Assert.True(failure.Error == LinkError.Untrusted, failure.ToString());
        Assert.Contains("refused this process's certificate", failure.Message, StringComparison.Ordinal);
        EndpointBench.AssertNoMoreFaults(listener);
    }

    /// <summary>With TLS 1.3 the listener's verdict comes after the dialler has done its part: with the first read.</summary>
    private static async Task ConnectsAndIsRefusedAsync(ITransport dialler)
    {
        var failure = await Assert.ThrowsAsync<LinkException>(async () =>
        {
            await using var connection = await EndpointBench.DialAsync(dialler);
            await Within.Deadline(connection.ReadAsync());
        });
        Assert.True(failure.Error == LinkError.Untrusted, failure.ToString());
        Assert.Equal(RequestFate.NotSent, failure.Fate);
        Assert.Contains("refused this process's certificate, or the lack of one", failure.Message, StringComparison.Ordinal);
    }
}
