using System.Globalization;
using System.Text.Json.Nodes;
using Link.Flic;

namespace Link.Tests.Cli;

/// <summary>A running <c>link bridge</c> on a port that the operating system chose.</summary>
/// <param name="program">The process.</param>
/// <param name="address">Where it listens.</param>
internal sealed class RunningBridge(LinkProgram program, string address) : IAsyncDisposable
{
    /// <summary>The process.</summary>
    public LinkProgram Program => program;

    /// <summary>Where it listens, such as <c>127.0.0.1:40000</c>.</summary>
    public string Address => address;

    /// <summary>Starts a bridge and waits until it listens.</summary>
    public static async Task<RunningBridge> StartAsync(params string[] more)
    {
        var program = LinkProgram.Start(["bridge", "127.0.0.1:0", .. more]);
        try
        {
            var line = await program.ReadLineAsync() ?? throw new InvalidOperationException($"The bridge does not start: {(await program.ExitAsync()).Errors}");
            var address = line.StartsWith('{') ? (string)JsonNode.Parse(line)!["address"]! : line["listening on ".Length..];
            return new RunningBridge(program, address);
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>A node of it, which is not connected yet.</summary>
    public FlicNode CreateNode(string id) => new(new FlicNodeOptions { Port = int.Parse(address.Split(':')[1], CultureInfo.InvariantCulture) }, id);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => program.DisposeAsync();
}
