using System.Diagnostics;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Another implementation of TLS at the other end: the program <c>openssl</c>.</summary>
public sealed class OpenSslTests
{
    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_of_another_make_is_answered(string version)
    {
        await using var bench = new EndpointBench();
        var listener = bench.Create(new NodeIpcOptions { ListenOn = "tls://127.0.0.1:0", Tls = bench.Tls("one") with { RequireClientCertificate = true } });
        await bench.StartAsync(listener);
        var (certificate, key) = bench.Certificates.Issue("two");
        using var client = new OpenSsl(
            "s_client", version, "-connect", $"127.0.0.1:{new Uri(listener.Endpoint!).Port}", "-CAfile", bench.Certificates.AuthorityFile,
            "-verify_return_error", "-verify_ip", "127.0.0.1", "-cert", certificate, "-key", key, "-quiet");
        await client.SendAsync("""{"type":"message","data":"{\"id\":\"a\",\"data\":{\"x\":1}}"}""" + '\f');
        Assert.Equal("""{"type":"message","data":"{\"success\":true,\"id\":\"a\",\"echo\":{\"x\":1}}"}""", await client.ReadFrameAsync());
    }

    [Fact]
    public async Task A_client_of_an_older_TLS_is_refused()
    {
        await using var bench = new EndpointBench();
        var listener = await bench.ListenWithTlsAsync(bench.Tls("one"));
        using var client = new OpenSsl(
            "s_client", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-connect", $"127.0.0.1:{new Uri(listener.Endpoint!).Port}", "-quiet");
        await EndpointBench.FaultAsync(listener, LinkError.ProtocolViolation);
        EndpointBench.AssertNoMoreFaults(listener);
    }

    [Fact]
    public async Task A_listener_of_an_older_TLS_is_refused()
    {
        await using var bench = new EndpointBench();
        var (certificate, key) = bench.Certificates.Issue("one");
        var port = FreePorts.Next();
        using var listener = new OpenSsl(
            "s_server", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-quiet");
        var server = bench.Serve(bench.DiallerOf($"tls://127.0.0.1:{port}", bench.NoCertificate));
        LinkException? failure = null;
        await Within.Until(async () =>
        {
            failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(server.SendAsync(EndpointBench.Peer, new { })));
            return failure.Error != LinkError.NoSuchPeer;
        });
        Assert.True(failure!.Error == LinkError.ProtocolViolation, failure.ToString());
        Assert.Equal(RequestFate.NotSent, failure.Fate);
    }

    private sealed class OpenSsl : IDisposable
    {
        private readonly Process _process;

        public OpenSsl(params string[] arguments) => _process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        public async Task SendAsync(string text)
        {
            await _process.StandardInput.WriteAsync(text).WaitAsync(Within.Default);
            await _process.StandardInput.FlushAsync().WaitAsync(Within.Default);
        }

        public async Task<string> ReadFrameAsync()
        {
            var frame = new StringBuilder();
            var character = new char[1];
            while (await _process.StandardOutput.ReadAsync(character, CancellationToken.None).AsTask().WaitAsync(Within.Default) == 1 && character[0] != '\f')
            {
                frame.Append(character[0]);
            }

            return frame.ToString();
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
