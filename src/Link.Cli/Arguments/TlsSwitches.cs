using System.CommandLine;
using Link.Streams.Tls;

namespace Link.Cli.Arguments;

/// <summary>The options of TLS.</summary>
internal sealed class TlsSwitches
{
    private readonly Option<FileInfo> _authority = CommonOptions.File("--ca", "PEM file of the authorities to trust, instead of the system's");
    private readonly Option<FileInfo> _certificate = CommonOptions.File("--cert", "PEM file of the own certificate");
    private readonly Option<FileInfo> _key = CommonOptions.File("--key", "PEM file of its key, if that is not in --cert");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_authority);
        command.Add(_certificate);
        command.Add(_key);
    }

    /// <summary>What they say; null when none was given.</summary>
    public TlsOptions? Read(ParseResult arguments)
    {
        var authority = arguments.GetValue(_authority);
        var certificate = arguments.GetValue(_certificate);
        return authority is null && certificate is null ? null : new TlsOptions
        {
            TrustedFiles = authority is null ? [] : [authority.FullName],
            CertificateFile = certificate?.FullName,
            KeyFile = arguments.GetValue(_key)?.FullName,
        };
    }
}
