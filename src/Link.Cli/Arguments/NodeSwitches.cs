using System.CommandLine;
using Link.Flic;

namespace Link.Cli.Arguments;

/// <summary>The options that say which bridge of flic is used, and the node made of them.</summary>
internal sealed class NodeSwitches
{
    private static readonly TimeSpan LongestConnect = new FlicNodeOptions().ConnectTimeout;

    private readonly TlsSwitches _tls = new();

    private readonly Option<BridgeAddress> _bridge = new("--bridge")
    {
        Description = "Where the bridge is; with --ca or --cert it is spoken to by TLS",
        HelpName = "HOST:PORT",
        CustomParser = BridgeAddress.Parse,
        DefaultValueFactory = _ => BridgeAddress.Default,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The own name, which other nodes are told [default: a new uuid]", HelpName = "NAME" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_bridge);
        command.Add(_name);
        _tls.AddTo(command);
    }

    /// <summary>Connects a node and registers its name.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="timeout">How long an answer may take.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<FlicNode> ConnectAsync(ParseResult arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var bridge = arguments.GetRequiredValue(_bridge);
        var options = new FlicNodeOptions
        {
            Host = bridge.Host,
            Port = bridge.Port,
            Tls = _tls.Read(arguments),
            TellTimeout = timeout,
            ConnectTimeout = timeout < LongestConnect ? timeout : LongestConnect,
        };
        var node = new FlicNode(options, arguments.GetValue(_name));
        try
        {
            await node.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
