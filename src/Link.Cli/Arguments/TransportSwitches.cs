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

    private static readonly string[] Schemes = ["unix:", "pipe:", "tcp://", "tls://", "udp4://", "udp6://", BridgeAddress.Scheme];

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
        _transport.CompletionSources.Add([Local, .. Schemes.Where(scheme => scheme.EndsWith('/'))]);
        command.Add(_transport);
        command.Add(_name);
        _names.AddTo(command);
        _tls.AddTo(command);
    }

    /// <summary>
    /// Makes a server that asks one peer. At a bridge it registers the name that was given: a node is told the name of who asks by the bridge.
    /// Elsewhere the name goes with the request.
    /// </summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="timeout">How long a call may take.</param>
    /// <param name="isAwaited">Whether a peer that is missing is waited for, as long as a call may take. The name is registered at once.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="LinkException">The name is taken, or there is no bridge.</exception>
    public async Task<Server> CreateServerAsync(ParseResult arguments, string peer, TimeSpan timeout, bool isAwaited, CancellationToken cancellationToken)
    {
        var server = new Server(
            CommonOptions.NameOf(arguments, _name),
            new ServerOptions
            {
                Transport = CreateTransport(arguments, peer, timeout),
                RequestTimeout = timeout,
                WaitForPeer = isAwaited ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
                Retry = TimeSpan.FromMilliseconds(100),
            });
        try
        {
            if (IsBridge(arguments.GetRequiredValue(_transport)) && arguments.GetValue(_name) is not null)
            {
                await server.StartAsync(cancellationToken: cancellationToken).WaitAsync(timeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }

            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw exception switch
            {
                // That there is no bridge is another outcome than that the name is taken.
                LinkException { InnerException: LinkException cause } => new LinkException(cause.Error, exception.Message, cause.Fate, cause.Peer, cause),
                TimeoutException => new LinkException(LinkError.Timeout, $"The name {server.Name} was not registered within {timeout.TotalSeconds:0.###} s."),
                _ => exception,
            };
        }
    }

    private ITransport CreateTransport(ParseResult arguments, string peer, TimeSpan timeout)
    {
        var transport = arguments.GetRequiredValue(_transport);
        if (IsBridge(transport))
        {
            return new FlicTransport(BridgeAddress.Parse(transport).ToOptions(_tls.Read(arguments), timeout) with { Reconnect = true });
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
        if (text != Local && !Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.Ordinal)))
        {
            result.AddError($"'{text}' does not say where a peer is: it must be {Local}, or begin with {string.Join(", ", Schemes[..^1])} or {Schemes[^1]}");
            return;
        }

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
