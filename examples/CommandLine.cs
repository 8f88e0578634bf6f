using Link.Abstractions;
using Link.Flic;
using Link.Masterless;
using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Examples;

/// <summary>
/// Where the peers are, as the command line of both examples says it: <c>test-two=tcp://127.0.0.1:8002</c> for each, and for TLS the folder that
/// certificates.sh has filled. A name that is not mentioned is a socket file in /tmp. With a bridge, its address is all there is to say:
/// <c>flic://127.0.0.1:8221</c>. <c>mesh</c>, in front of TCP endpoints, makes a mesh of them.
/// </summary>
internal static class CommandLine
{
    public static ServerOptions Read(string name, string[] arguments) => new() { Transport = Choose(name, arguments) };

    private static ITransport Choose(string name, string[] arguments)
    {
        if (arguments is [var only] && Uri.TryCreate(only, UriKind.Absolute, out var bridge) && bridge.Scheme == "flic")
        {
            return new FlicTransport(new FlicNodeOptions { Host = bridge.Host, Port = bridge.Port });
        }

        if (arguments is ["mesh", .. var nodes])
        {
            return new MeshTransport(new MeshOptions { Peers = Places(nodes) });
        }

        var certificates = arguments.SingleOrDefault(argument => !argument.Contains('='));
        return new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = Places(arguments.Where(argument => argument != certificates)),
            Tls = certificates is null ? null : Mutual(certificates, name),
        });
    }

    private static Dictionary<string, string> Places(IEnumerable<string> entries) =>
        entries.Select(entry => entry.Split('=', 2)).ToDictionary(entry => entry[0], entry => entry[1]);

    private static TlsOptions Mutual(string folder, string name) => new()
    {
        CertificateFile = Path.Combine(folder, $"{name}.pem"),
        KeyFile = Path.Combine(folder, $"{name}.key"),
        TrustedFiles = [Path.Combine(folder, "ca.pem")],
        RequireClientCertificate = true,
    };
}
