using Link.Cli.Arguments;
using Link.Cli.Reporting;
using Link.Flic;
using Link.Streams.Endpoints;

namespace Link.Cli.Commands;

/// <summary>What a bridge prints. It is there for its nodes: when nobody reads this any more, it goes on.</summary>
/// <param name="output">Where.</param>
internal sealed class BridgeReport(Output output)
{
    /// <summary>It listens.</summary>
    public void Listening(Endpoint endpoint)
    {
        var address = new BridgeAddress(endpoint.Address, endpoint.Port).ToString();
        Print("listening", $"listening on {address}", [("address", address)]);
    }

    /// <summary>A name was registered.</summary>
    public void Joined(object? sender, FlicNodeEventArgs node) =>
        Print("joined", $"joined: {node.Name} ({node.Peer.Endpoint})", [("name", node.Name), ("endpoint", node.Peer.Endpoint)]);

    /// <summary>A name is free again.</summary>
    public void Left(object? sender, FlicNodeEventArgs node) => Print(
        "left",
        $"left: {node.Name}{(node.Error is { } error ? $" ({error.Message})" : "")}",
        [("name", node.Name), ("error", node.Error?.Error.ToString()), ("message", node.Error?.Message)]);

    /// <summary>Something went wrong with one node.</summary>
    public void Failed(object? sender, FlicErrorEventArgs failure) => Try(() => output.WriteError(Failure.Of(failure.Error)));

    /// <summary>It has told all nodes, and their connections have ended.</summary>
    public void Closed() => Print("closed", "closed", []);

    private void Print(string happened, string line, (string Name, string? Value)[] members) => Try(() => output.Write(
        line,
        writer =>
        {
            writer.WriteString("event", happened);
            foreach (var (name, value) in members.Where(member => member.Value is not null))
            {
                writer.WriteString(name, value);
            }
        }));

    private void Try(Action print)
    {
        try
        {
            print();
        }
        catch (OutputClosedException)
        {
            // See above.
        }
        catch (IOException exception)
        {
            output.WriteError(Failure.Of(exception));
        }
    }
}
