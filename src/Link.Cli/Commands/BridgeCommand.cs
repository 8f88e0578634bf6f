using System.CommandLine;
using Link.Abstractions;
using Link.Cli.Arguments;
using Link.Cli.Reporting;
using Link.Flic;
using Link.Streams.Endpoints;
using Link.Streams.Tls;

namespace Link.Cli.Commands;

/// <summary>Runs a bridge of flic until it is interrupted.</summary>
internal sealed class BridgeCommand : LinkCommand
{
    private readonly Argument<BridgeAddress> _address = new("HOST:PORT")
    {
        Description = "Where to listen; port 0 lets the system choose",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = BridgeAddress.Parse,
        DefaultValueFactory = _ => BridgeAddress.Default,
    };

    private readonly Option<bool> _compatibleSenders = new("--compatible-senders")
    {
        Description = "Believe each frame who sent it, as flic's own bridge does, instead of the connection",
    };

    private readonly Option<bool> _insecure = new("--allow-insecure-network") { Description = "Allow listening beyond this machine without TLS, open to everybody" };

    private readonly Option<int?> _maxNodes = CommonOptions.Count("--max-nodes", "How many connections may be open");
    private readonly TlsSwitches _tls = new();

    /// <summary>Makes the command.</summary>
    public BridgeCommand()
        : base("bridge", "Runs a bridge of flic until Ctrl-C, SIGTERM or SIGHUP, which tells every node that it closes.")
    {
        _maxNodes.DefaultValueFactory = _ => new FlicBridgeOptions().MaxNodes;
        Add(_address);
        Add(_compatibleSenders);
        Add(_insecure);
        Add(_maxNodes);
        _tls.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        Nodes of npm's flic 1.3.7 and of Link connect to it. With --cert it speaks TLS, which nodes of Link only can; with
        --ca too, nodes need a certificate of that authority. Nodes that join and leave are printed as it happens, and what
        goes wrong with one of them on stderr; the others go on. It goes on as well when nobody reads what it prints. A second signal while it closes ends
        it at once.

        Examples:
          link bridge
          link bridge 127.0.0.1:9000 --json
          link bridge 0.0.0.0:8221 --cert bridge.pem --key bridge.key --ca ca.pem

        Exit codes:
          0    it was interrupted, and has told its nodes
          2    the command line makes no sense
          6    it cannot listen there
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var options = CreateOptions(arguments);
        var bridge = new FlicBridge(options);
        await using (bridge.ConfigureAwait(false))
        {
            var report = new BridgeReport(output);
            bridge.NodeJoined += report.Joined;
            bridge.NodeLeft += report.Left;
            bridge.Error += report.Failed;
            report.Listening(await StartAsync(bridge, options, cancellationToken).ConfigureAwait(false));
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is how a bridge ends.
            }

            // All leave now.
            bridge.NodeLeft -= report.Left;
            await bridge.CloseAsync().ConfigureAwait(false);
            report.Closed();
        }

        return ExitCode.Done;
    }

    private static async Task<Endpoint> StartAsync(FlicBridge bridge, FlicBridgeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await bridge.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException exception) when (exception.Error == LinkError.Untrusted && options.Tls is null)
        {
            throw new LinkException(
                LinkError.Untrusted,
                $"{options.Host}:{options.Port} would be open to the network, unencrypted and to anybody: "
                    + "give --cert and --key for TLS, listen on 127.0.0.1, or give --allow-insecure-network.",
                innerException: exception);
        }
    }

    private FlicBridgeOptions CreateOptions(ParseResult arguments)
    {
        var address = arguments.GetRequiredValue(_address);
        return new FlicBridgeOptions
        {
            Host = address.Host,
            Port = address.Port,
            CompatibleSenders = arguments.GetValue(_compatibleSenders),
            AllowInsecureNetwork = arguments.GetValue(_insecure),
            MaxNodes = arguments.GetRequiredValue(_maxNodes)!.Value,
            Tls = _tls.Read(arguments) is { } tls ? tls with { RequireClientCertificate = tls.TrustedFiles.Count > 0 } : null,
        };
    }
}
