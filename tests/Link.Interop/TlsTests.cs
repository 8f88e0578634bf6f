using Link.Abstractions;
using Link.Interop.Harness;
using Link.Testing;

namespace Link.Interop;

/// <summary>Peers that do not show what they should, or do not speak TLS at all.</summary>
[Collection(SecondNode.Name)]
public sealed class TlsTests
{
    [Fact]
    public async Task A_Node_client_without_certificate_is_refused_and_one_with_a_certificate_is_served()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: Over.MutualTls);
        var reported = WhenReported(meeting.Server);
        var anonymous = await meeting.AddPlainPeerAsync("anonymous", tls: meeting.Roads.NodeTlsWithoutCertificate());
        var known = await meeting.AddPeerAsync("known");

        await anonymous.ConnectAsync(Meeting.Sharp);
        var refused = await Within.Deadline(reported);

        Assert.Equal(LinkError.Untrusted, refused.Error);
        Assert.Contains("it sent no certificate", refused.Message, StringComparison.Ordinal);
        await anonymous.DisconnectedAsync(1);
        Assert.True((await known.SendAsync(Meeting.Sharp, new { })).IsResolved);
    }

    [Fact]
    public async Task A_Node_client_with_the_certificate_of_a_stranger_is_refused()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: Over.MutualTls);
        using var stranger = new TestCertificates("Stranger CA");
        var reported = WhenReported(meeting.Server);
        var node = await meeting.AddPlainPeerAsync(tls: meeting.Roads.NodeTlsOf(stranger));

        await node.ConnectAsync(Meeting.Sharp);
        var refused = await Within.Deadline(reported);

        Assert.Equal(LinkError.Untrusted, refused.Error);
        Assert.Contains("CN=stranger", refused.Message, StringComparison.Ordinal);
        await node.DisconnectedAsync(1);
    }

    [Theory]
    [InlineData(Over.Tls)]
    [InlineData(Over.MutualTls)]
    public async Task A_Node_server_with_the_certificate_of_a_stranger_is_refused_before_a_byte_of_the_request(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        using var stranger = new TestCertificates("Stranger CA");
        await meeting.AddServingPeerAsync(tls: meeting.Roads.NodeTlsOf(stranger));

        var refused = await Assert.ThrowsAsync<LinkException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));

        Assert.Equal(LinkError.Untrusted, refused.Error);
        Assert.Equal(RequestFate.NotSent, refused.Fate);
        Assert.Contains("CN=stranger", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Node_server_refuses_us_when_we_show_no_certificate()
    {
        await using var meeting = await Meeting.StartAsync(over: Over.MutualTls, sharpTls: tls => tls with { CertificateFile = null, KeyFile = null });
        await meeting.AddServingPeerAsync();
        var ended = new TaskCompletionSource<LinkException?>(TaskCreationOptions.RunContinuationsAsynchronously);
        meeting.Server.PeerDisconnected += (_, args) => ended.TrySetResult(args.Error);

        // Our half of the handshake is done before Node has looked at it. Nothing is written here: that could fail before the refusal is read.
        await meeting.Server.ConnectToAsync(Meeting.Node);

        Assert.Equal(LinkError.Untrusted, (await Within.Deadline(ended.Task))?.Error);
    }

    [Fact]
    public async Task A_Node_client_refuses_us_when_our_certificate_is_of_a_stranger()
    {
        using var stranger = new TestCertificates("Stranger CA");
        var (certificate, key) = stranger.Issue("stranger");
        await using var meeting = await Meeting.StartAsync(
            over: Over.Tls, sharpTls: tls => tls with { CertificateFile = certificate, KeyFile = key });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPlainPeerAsync();

        await node.ConnectAsync(Meeting.Sharp);

        Assert.Equal("UNABLE_TO_VERIFY_LEAF_SIGNATURE", (string?)(await node.ErrorsAsync(1))[0]["code"]);
    }

    [Fact]
    public async Task A_plain_Node_client_on_our_TLS_server_is_cut_off_and_reported()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: Over.Tls);
        var reported = WhenReported(meeting.Server);
        var plain = await meeting.AddPlainPeerAsync(tls: false);

        await plain.ConnectAsync(Meeting.Sharp);
        await plain.WriteAsync(Meeting.Sharp, PlainNodePeer.Frame("message", "{}"));

        Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(reported)).Error);
        await plain.DisconnectedAsync(1);
    }

    [Fact]
    public async Task A_plain_Node_server_is_no_TLS_peer_to_us()
    {
        await using var meeting = await Meeting.StartAsync(over: Over.Tls, sharpTls: tls => tls with { HandshakeTimeout = TimeSpan.FromMilliseconds(500) });
        await meeting.AddServingPeerAsync(tls: false);

        var failed = await Assert.ThrowsAsync<LinkException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));

        Assert.Equal(LinkError.Timeout, failed.Error);
        Assert.Equal(RequestFate.NotSent, failed.Fate);
    }

    private static Task<LinkException> WhenReported(Server server)
    {
        var reported = new TaskCompletionSource<LinkException>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Error += (_, args) => reported.TrySetResult((LinkException)args.Error);
        return reported.Task;
    }
}
