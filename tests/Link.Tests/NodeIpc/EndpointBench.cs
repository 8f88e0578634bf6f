using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Transports and servers of one test, with an authority for their certificates; disposal ends all of them.</summary>
internal sealed class EndpointBench : IAsyncDisposable
{
    public const string Peer = "peer";

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<IDisposable> _files = [];

    public EndpointBench() => Certificates = Keep(new TestCertificates());

    public TestCertificates Certificates { get; }

    /// <summary>A certificate of the bench's authority, which is also all that is trusted.</summary>
    public TlsOptions Tls(string subject) => Tls(Certificates.Issue(subject));

    public TlsOptions Tls((string Certificate, string Key) files) => new()
    {
        CertificateFile = files.Certificate,
        KeyFile = files.Key,
        TrustedFiles = [Certificates.AuthorityFile],
    };

    /// <summary>Trusts the bench's authority, and has no certificate.</summary>
    public TlsOptions NoCertificate => new() { TrustedFiles = [Certificates.AuthorityFile] };

    public TestCertificates AnotherAuthority() => Keep(new TestCertificates("Another CA"));

    public T Keep<T>(T file)
        where T : IDisposable
    {
        _files.Add(file);
        return file;
    }

    public NodeIpcTransport Create(NodeIpcOptions options)
    {
        var transport = new NodeIpcTransport(options);
        _owned.Add(transport);
        return transport;
    }

    public async Task<NodeIpcTransport> ListenAsync(string endpoint, Func<NodeIpcOptions, NodeIpcOptions>? change = null)
    {
        var options = new NodeIpcOptions { ListenOn = endpoint };
        var transport = Create(change is null ? options : change(options));
        await Within.Deadline(transport.BindAsync("listener"));
        return transport;
    }

    public Task<NodeIpcTransport> ListenWithTlsAsync(TlsOptions tls) =>
        ListenAsync("tls://127.0.0.1:0", options => options with { Tls = tls });

    /// <summary>A transport that knows one peer.</summary>
    public NodeIpcTransport DiallerOf(string endpoint, TlsOptions? tls = null, Func<NodeIpcOptions, NodeIpcOptions>? change = null)
    {
        var options = new NodeIpcOptions { Peers = new Dictionary<string, string> { [Peer] = endpoint }, Tls = tls };
        return Create(change is null ? options : change(options));
    }

    /// <summary>A server over the transport, which it owns; it replies with the data it gets, as <c>echo</c>.</summary>
    public Server Serve(NodeIpcTransport transport, string name = "server")
    {
        var server = new Server(name, new ServerOptions { Transport = transport, AllowMultiple = true, DrainTimeout = TimeSpan.FromSeconds(1) });
        server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
        _owned.Insert(0, server);
        return server;
    }

    public async Task<Server> StartAsync(NodeIpcTransport transport)
    {
        var server = Serve(transport, "listener");
        await Within.Deadline(server.StartAsync());
        return server;
    }

    public static async Task<IConnection> DialAsync(ITransport dialler) => await Within.Deadline(dialler.ConnectAsync(Peer));

    public static async Task<IConnection> AcceptAsync(ITransport listener) => (await Within.Deadline(listener.AcceptAsync()))!;

    /// <summary>Dialling must fail with this, before anything was sent; gives the message.</summary>
    public static async Task<string> RefusedAsync(ITransport dialler, params LinkError[] errors)
    {
        var failure = await Assert.ThrowsAsync<LinkException>(() => DialAsync(dialler));
        Assert.Contains(failure.Error, errors);
        Assert.Equal(RequestFate.NotSent, failure.Fate);
        return failure.Message;
    }

    /// <summary>The next fault, which must be this; gives the message.</summary>
    public static async Task<string> FaultAsync(ITransport listener, LinkError error)
    {
        var fault = await Within.Deadline(listener.Faults.ReadAsync());
        Assert.True(error == fault.Error, fault.ToString());
        return fault.Message;
    }

    public static void AssertNoMoreFaults(ITransport transport) =>
        Assert.False(transport.Faults.TryRead(out var fault), fault?.ToString());

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await Within.Deadline(owned.DisposeAsync());
        }

        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
