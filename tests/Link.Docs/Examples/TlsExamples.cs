using Link.Docs.Pages;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of tls.md, with the certificates that its commands make.</summary>
public class TlsExamples(TlsFolder certificates) : Example, IClassFixture<TlsFolder>
{
    private readonly string folder = certificates.Folder;

    [Fact]
    public void The_script_of_the_examples_has_the_same_commands() => Assert.Contains(
        TlsFolder.Commands, File.ReadAllText(Path.Combine(Repository.Root, "examples", "certificates.sh")), StringComparison.Ordinal);

    [Theory]
    [InlineData("ca.key")]
    [InlineData("test-one.key")]
    [InlineData("test-two.key")]
    public void The_keys_are_for_their_owner_alone(string key)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{folder}/{key}"));
        }
    }

    [Fact]
    public async Task A_server_has_a_certificate()
    {
        var port = FreePorts.Next();

        // docs: tls listen
        var options = new NodeIpcOptions
        {
            ListenOn = $"tls://127.0.0.1:{port}",
            Tls = new TlsOptions { CertificateFile = $"{folder}/test-two.pem", KeyFile = $"{folder}/test-two.key" },
        };
        await using var server = new Server("test-two", new ServerOptions { Transport = new NodeIpcTransport(options) });
        server.OnMessage(message => message.ReplyAsync(new { greeting = $"Hello {message.Data["name"]}!" }));
        await server.StartAsync();
        // end

        var caller = Caller(port, new TlsOptions { TrustedFiles = [$"{folder}/ca.pem"] });
        Assert.Equal("Hello World!", (string?)(await caller.SendAsync("test-two", new { name = "World" }))["greeting"]);
    }

    [Fact]
    public async Task A_caller_trusts_an_authority()
    {
        var port = await ListenAsync(OwnOf("test-two"), message => message.ReplyAsync(new { greeting = $"Hello {message.Data["name"]}!" }));

        // docs: tls dial
        var options = new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["test-two"] = $"tls://127.0.0.1:{port}" },
            Tls = new TlsOptions { TrustedFiles = [$"{folder}/ca.pem"] },
        };
        await using var server = new Server("test-one", new ServerOptions { Transport = new NodeIpcTransport(options) });
        Reply reply = await server.SendAsync("test-two", new { name = "World" });
        // end

        Assert.Equal("Hello World!", (string?)reply["greeting"]);
    }

    [Fact]
    public async Task Both_sides_can_have_certificates_and_a_handler_knows_who_calls()
    {
        // docs: tls mutual
        TlsOptions Mutual(string name) => new()
        {
            CertificateFile = $"{folder}/{name}.pem",
            KeyFile = $"{folder}/{name}.key",
            TrustedFiles = [$"{folder}/ca.pem"],
            RequireClientCertificate = true,
        };
        // end

        var port = FreePorts.Next();
        var listening = new NodeIpcOptions { ListenOn = $"tls://127.0.0.1:{port}", Tls = Mutual("test-two") };
        await using var server = new Server("test-two", new ServerOptions { Transport = new NodeIpcTransport(listening) });

        // docs: tls who
        server.OnMessage(message => message.Peer.CertificateSubject == "CN=test-one"
            ? message.ReplyAsync(new { welcome = true })
            : message.ReplyAsync(new { code = "FORBIDDEN" }, success: false));
        // end

        await server.StartAsync();
        Assert.True((bool)(await Caller(port, Mutual("test-one")).SendAsync("test-two", new { }))["welcome"]!);
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Caller(port, Mutual("test-two")).SendAsync("test-two", new { }));
        Assert.Equal("FORBIDDEN", rejection.Code);
    }

    [Fact]
    public async Task A_program_can_check_for_itself()
    {
        // docs: tls check
        var tls = new TlsOptions
        {
            TrustedFiles = [$"{folder}/ca.pem"],
            Check = check => check.IsValid && check.Certificate?.Subject == "CN=test-two",
        };
        // end

        var two = await ListenAsync(OwnOf("test-two"), message => message.ReplyAsync(new { }));
        await Caller(two, tls).SendAsync("test-two", new { });
        var one = await ListenAsync(OwnOf("test-one"), message => message.ReplyAsync(new { }));
        var refusal = await Assert.ThrowsAsync<Abstractions.LinkException>(() => Caller(one, tls).SendAsync("test-two", new { }));
        Assert.Equal(Abstractions.LinkError.Untrusted, refusal.Error);
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_from_the_next_connection_on()
    {
        Install("test-one");
        string? seen = null;
        var trusting = new TlsOptions
        {
            TrustedFiles = [$"{folder}/ca.pem"],
            Check = check =>
            {
                seen = check.Certificate?.Subject;
                return check.IsValid;
            },
        };
        var port = await ListenAsync(new TlsOptions { CertificateFile = $"{folder}/own.pem" }, message => message.ReplyAsync(new { }));
        var early = Caller(port, trusting);
        await early.SendAsync("test-two", new { });
        Assert.Equal("CN=test-one", seen);

        Install("test-two");

        await Caller(port, trusting).SendAsync("test-two", new { });
        Assert.Equal("CN=test-two", seen);
        Assert.True(early.HasPeer("test-two"));

        void Install(string name)
        {
            File.WriteAllText($"{folder}/own.tmp", File.ReadAllText($"{folder}/{name}.pem") + File.ReadAllText($"{folder}/{name}.key"));
            File.Move($"{folder}/own.tmp", $"{folder}/own.pem", overwrite: true);
        }
    }

    private TlsOptions OwnOf(string name) => new() { CertificateFile = $"{folder}/{name}.pem", KeyFile = $"{folder}/{name}.key" };

    private Server Caller(int port, TlsOptions tls) => Other("test-one", new ServerOptions
    {
        Transport = new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["test-two"] = $"tls://127.0.0.1:{port}" },
            Tls = tls,
        }),
    });

    private async Task<int> ListenAsync(TlsOptions tls, Func<Message, Task> handler)
    {
        var port = FreePorts.Next();
        var listening = Other("test-two", new ServerOptions
        {
            Transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = $"tls://127.0.0.1:{port}", Tls = tls }),
        });
        listening.OnMessage(handler);
        await listening.StartAsync();
        return port;
    }
}
