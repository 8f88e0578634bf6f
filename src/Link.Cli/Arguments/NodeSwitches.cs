using System.CommandLine;
using System.CommandLine.Parsing;
using Link.Flic;

namespace Link.Cli.Arguments;

/// <summary>The options that say which bridge of flic is used, and the node made of them.</summary>
internal sealed class NodeSwitches
{
    private readonly TlsSwitches _tls = new();

    private readonly Option<BridgeAddress> _bridge = new("--bridge", "--transport")
    {
        Description = "Where the bridge is, with flic:// before it or not; with --ca or --cert it is spoken to by TLS",
        HelpName = "HOST:PORT",
        CustomParser = BridgeAddress.Parse,
        DefaultValueFactory = _ => BridgeAddress.Default,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The own name, which other nodes are told [default: a new uuid]", HelpName = "NAME" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _name.Validators.Add(ValidateName);
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
        var options = arguments.GetRequiredValue(_bridge).ToOptions(_tls.Read(arguments), timeout);
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

    private static void ValidateName(OptionResult result)
    {
        if (result.Tokens.Any(token => token.Value.Contains(':', StringComparison.Ordinal)))
        {
            result.AddError("The name of a node has no colon, which separates it from the event");
        }
    }
}
