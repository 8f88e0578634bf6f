using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>With <see cref="IpcOptions.Tls"/>, what would be TCP is TLS, and local sockets stay what they are.</summary>
public sealed class TlsTests : IpcTest
{
    [Fact]
    public async Task A_client_that_trusts_the_server_talks_to_it()
    {
        using var certificate = Certify();
        var (server, endpoint) = await ServeAsync(certificate);
        var seen = new Seen();
        server.Server.On("message", message => message.Socket.EmitAsync("message", message.As<string>() + " world!"));
        var ipc = Make("hello", options => options with { Tls = new TlsOptions { TrustedCertificates = [certificate] } });
        ipc.Of("world").On("message", message => seen.Add(message.As<string>()!));

        var client = await Within.Deadline(ipc.ConnectToNetAsync("world", port: endpoint));
        await client.EmitAsync("message", "hello");

        Assert.Equal("hello world!", await seen.NextAsync());
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_server_is_never_connected()
    {
        using var certificate = Certify();
        using var other = Certify();
        var (_, endpoint) = await ServeAsync(certificate);
        var seen = new Seen();
        var ipc = Make("hello", options => options with { Tls = new TlsOptions { TrustedCertificates = [other] }, MaxRetries = 1 });
        ipc.Of("world").Connected += (_, _) => seen.Add("connected");
        ipc.Of("world").Error += (_, e) => seen.Add($"error {((LinkException)e.Error).Error}");

        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(ipc.ConnectToNetAsync("world", port: endpoint)));

        Assert.Equal(LinkError.Untrusted, error.Error);
        Assert.Equal(["error Untrusted", "error Untrusted"], await seen.NextAsync(2));
    }

    [Fact]
    public async Task Local_sockets_are_plain_all_the_same()
    {
        using var certificate = Certify();
        var (server, _) = await ServeAsync(certificate);
        await Within.Deadline(server.ServeAsync());
        var seen = new Seen();
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        var client = await Within.Deadline(Make("hello").ConnectToAsync("world"));
        await client.EmitAsync("message", "hello");

        Assert.Equal("hello", await seen.NextAsync());
    }

    [Fact]
    public async Task Without_a_certificate_TLS_cannot_be_served() =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => Within.Deadline(Make("world", options => options with { Tls = new TlsOptions() }).ServeNetAsync(port: 0)));

    private static X509Certificate2 Certify()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=world", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private async Task<(Ipc Server, int Port)> ServeAsync(X509Certificate2 certificate)
    {
        var server = Make("world", options => options with { Tls = new TlsOptions { Certificate = certificate } });
        return (server, (await Within.Deadline(server.ServeNetAsync(port: 0))).Port);
    }
}
