using System.CommandLine;
using System.CommandLine.Parsing;
using Link.Abstractions;
using Link.Cli.Reporting;
using Link.Flic;
using Link.NodeIpc;
using Link.Streams.Endpoints;

namespace Link.Cli.Arguments;

/// <summary>The options that say how a peer is reached, and the server made of them.</summary>
internal sealed class TransportSwitches
{
    private const string Local = "unix";

    private readonly LocalNames _names = new();
    private readonly TlsSwitches _tls = new();

    private readonly Option<string> _transport = new("--transport")
    {
        Description = "Where the peer is: unix, unix:PATH, or tcp://HOST:PORT, and so with tls, udp4, udp6; or flic://HOST:PORT of its bridge",
        HelpName = "WHERE",
        DefaultValueFactory = _ => Local,
    };

    private readonly Option<string?> _name = CommonOptions.Name();

    /// <summary>Adds the options to a command, and the names of this machine to the completion of its peer.</summary>
    public void AddTo(Command command, Argument<string> peer)
    {
        peer.CompletionSources.Add(context => _names.Suggest(context.ParseResult).Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        _transport.Validators.Add(Validate);
        _transport.CompletionSources.Add("unix", "tcp://", "tls://", "udp4://", "udp6://", "flic://");
        command.Add(_transport);
        command.Add(_name);
        _names.AddTo(command);
        _tls.AddTo(command);
    }

    /// <summary>Makes a server that asks one peer.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="timeout">How long a call may take.</param>
    /// <param name="isAwaited">Whether a peer that is missing is waited for, as long as a call may take.</param>
    public Server CreateServer(ParseResult arguments, string peer, TimeSpan timeout, bool isAwaited = false) => new(
        CommonOptions.NameOf(arguments, _name),
        new ServerOptions
        {
            Transport = CreateTransport(arguments, peer),
            RequestTimeout = timeout,
            WaitForPeer = isAwaited ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            Retry = TimeSpan.FromMilliseconds(100),
        });

    private ITransport CreateTransport(ParseResult arguments, string peer)
    {
        var transport = arguments.GetRequiredValue(_transport);
        if (IsBridge(transport))
        {
            var bridge = BridgeAddress.Parse(transport);
            return new FlicTransport(new FlicNodeOptions { Host = bridge.Host, Port = bridge.Port, Tls = _tls.Read(arguments) });
        }

        return new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = transport == Local ? new Dictionary<string, string>() : new Dictionary<string, string> { [peer] = transport },
            SocketRoot = _names.RootOf(arguments),
            AppSpace = _names.SpaceOf(arguments),
            Tls = _tls.Read(arguments),
        });
    }

    private static bool IsBridge(string transport) => transport.StartsWith(BridgeAddress.Scheme, StringComparison.Ordinal);

    private static void Validate(OptionResult result)
    {
        // Its value cannot be asked for here: that throws where it was given twice.
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : Local;
        try
        {
            _ = text == Local || (IsBridge(text) && BridgeAddress.Parse(text) is not null) ? null : Endpoint.Parse(text);
        }
        catch (ArgumentException exception)
        {
            result.AddError(Failure.Of(exception).Message);
        }
    }
}
