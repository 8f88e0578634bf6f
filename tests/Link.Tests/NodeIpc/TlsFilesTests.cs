using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>The files that certificates come from.</summary>
public sealed class TlsFilesTests
{
    [Fact]
    public async Task A_renewed_certificate_is_used_from_the_next_connection_on_by_both_sides()
    {
        await using var bench = new EndpointBench();
        var (one, two) = (bench.Tls("one"), bench.Tls("two"));
        var listener = await bench.ListenWithTlsAsync(one with { RequireClientCertificate = true });
        await MeetAsync("CN=one", "CN=two");
        Renew(one, bench.Tls("new-one"));
        Renew(two, bench.Tls("new-two"));
        await MeetAsync("CN=new-one", "CN=new-two");

        async Task MeetAsync(string listening, string dialling)
        {
            await using var dialled = await EndpointBench.DialAsync(bench.DiallerOf(listener.Endpoint!, two));
            await using var accepted = await EndpointBench.AcceptAsync(listener);
            Assert.Equal((listening, dialling), (dialled.Peer.CertificateSubject, accepted.Peer.CertificateSubject));
        }
    }

    [Fact]
    public void Requiring_certificates_of_clients_without_saying_whom_to_trust_is_refused()
    {
        Assert.Contains(
            "authority",
            Assert.Throws<ArgumentException>(() => new TlsOptions { RequireClientCertificate = true }.Validate()).Message,
            StringComparison.Ordinal);
        new TlsOptions { RequireClientCertificate = true, Check = check => check.IsValid }.Validate();
    }

    [Fact]
    public async Task An_authority_that_is_no_longer_in_the_file_is_no_longer_trusted()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        var trusted = bench.Certificates.AuthorityFile;
        var dialler = bench.DiallerOf(listener.Endpoint!, bench.NoCertificate);
        await EndpointBench.DialAsync(dialler);
        File.Copy(bench.AnotherAuthority().AuthorityFile, trusted, overwrite: true);
        await EndpointBench.RefusedAsync(dialler, LinkError.Untrusted);
    }

    [Fact]
    public async Task A_file_that_is_spoilt_meanwhile_fails_the_dial_and_is_named()
    {
        await using var bench = new EndpointBench();
        var tls = bench.Tls("two");
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        var dialler = bench.DiallerOf(listener.Endpoint!, tls);
        await File.WriteAllTextAsync(tls.CertificateFile!, "half of it");
        var message = await EndpointBench.RefusedAsync(dialler, LinkError.Untrusted);
        Assert.Contains($"The certificate file {tls.CertificateFile} with the key file {tls.KeyFile} cannot be used", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_in_a_file_is_said_when_the_transport_is_made()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Issue("one");
        var otherKey = certificates.Issue("two").KeyFile;
        var missing = certificate + ".missing";
        var text = certificate + ".txt";
        File.WriteAllText(text, "no certificate");
        TlsOptions[] wrong =
        [
            new() { CertificateFile = missing, KeyFile = key },
            new() { CertificateFile = certificate, KeyFile = missing },
            new() { CertificateFile = certificate },
            new() { CertificateFile = certificate, KeyFile = otherKey },
            new() { CertificateFile = text, KeyFile = key },
            new() { TrustedFiles = [missing] },
            new() { TrustedFiles = [text] },
            new() { TrustedFiles = [key] },
        ];
        string[] named = [missing, missing, certificate, otherKey, text, missing, text, key];
        foreach (var (tls, file) in wrong.Zip(named))
        {
            var failure = Assert.ThrowsAny<ArgumentException>(() => new NodeIpcTransport(new NodeIpcOptions { Tls = tls }));
            Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Issue("one");
        Assert.Throws<ArgumentException>("KeyFile", () => new TlsOptions { KeyFile = key }.Validate());
        Assert.Throws<ArgumentException>("Certificate", () => new TlsOptions { Certificate = certificates.Authority, CertificateFile = certificate, KeyFile = key }.Validate());
        Assert.Throws<ArgumentException>("Certificate", () =>
        {
            using var bare = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(certificate);
            new TlsOptions { Certificate = bare }.Validate();
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TlsOptions { HandshakeTimeout = TimeSpan.Zero }.Validate());
    }

    [Fact]
    public async Task Listening_with_TLS_needs_a_certificate()
    {
        await using var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "tls://127.0.0.1:0" });
        var failure = await Assert.ThrowsAsync<ArgumentException>(async () => await transport.BindAsync("one"));
        Assert.Contains("must name a certificate and its key", failure.Message, StringComparison.Ordinal);
    }

    private static void Renew(TlsOptions old, TlsOptions renewed)
    {
        File.Copy(renewed.CertificateFile!, old.CertificateFile!, overwrite: true);
        File.Copy(renewed.KeyFile!, old.KeyFile!, overwrite: true);
    }
}
