using Link.Abstractions;
using Link.Flic;
using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Examples;

/// <summary>
/// Where the peers are, as the command line of both examples says it: <c>test-two=tcp://127.0.0.1:8002</c> for each, and for TLS the folder that
/// certificates.sh has filled. A name that is not mentioned is a socket file in /tmp. With a bridge, its address is all there is to say:
/// <c>flic://127.0.0.1:8221</c>.
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

        var certificates = arguments.SingleOrDefault(argument => !argument.Contains('='));
        return new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = arguments.Where(argument => argument != certificates).Select(entry => entry.Split('=', 2)).ToDictionary(entry => entry[0], entry => entry[1]),
            Tls = certificates is null ? null : Mutual(certificates, name),
        });
    }

    private static TlsOptions Mutual(string folder, string name) => new()
    {
        CertificateFile = Path.Combine(folder, $"{name}.pem"),
        KeyFile = Path.Combine(folder, $"{name}.key"),
        TrustedFiles = [Path.Combine(folder, "ca.pem")],
        RequireClientCertificate = true,
    };
}
