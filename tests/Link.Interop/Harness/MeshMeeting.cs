using Link.Masterless;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>Nodes of Link and of npm; those of npm share a process.</summary>
internal sealed class MeshMeeting(MeshFormat format) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _made = [];

    /// <summary>Both formats, as the data of a theory.</summary>
    public static TheoryData<MeshFormat> Formats => new() { MeshFormat.Json, MeshFormat.MessagePack };

    /// <summary>The process of the nodes of npm, once there is one.</summary>
    public NodeProcess? Process { get; private set; }

    /// <summary>The options of a node of Link.</summary>
    public MeshOptions Options => new() { Format = format };

    /// <summary>A node of Link that listens.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="options">Changes its options.</param>
    /// <param name="react">What it does with packets; null to remember them.</param>
    public async Task<MeshSharp> AddSharpAsync(
        string id = "sharp", Func<MeshOptions, MeshOptions>? options = null, Func<MeshSharp, Func<MeshMessage, Task>>? react = null) =>
        Keep(await MeshSharp.StartAsync(id, options?.Invoke(Options) ?? Options, react));

    /// <summary>A node of npm that listens.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="reaction">What it does with packets, by the names in mesh-peer.js.</param>
    /// <param name="greeting">What it sends whenever it gets a connection.</param>
    /// <param name="port">Where it listens; 0 for any port.</param>
    /// <param name="host">On which address; null for all, as by default.</param>
    /// <param name="isBare">Whether its heartbeats are left as they are on this version of Node.</param>
    public async Task<MeshPeer> AddScriptAsync(
        string id = "script", string reaction = "tell", object[]? greeting = null, int port = 0, string? host = "127.0.0.1", bool isBare = false)
    {
        Process ??= Keep(await NodeProcess.StartAsync());
        var kind = format == MeshFormat.Json ? "json" : "msgpack";
        return await MeshPeer.StartAsync(Process, JObject.FromObject(new { kind, id, reaction, greeting = greeting ?? [], port, host, isBare }));
    }

    /// <summary>A node of Link and one of npm that are connected: Link has connected.</summary>
    public async Task<(MeshSharp Sharp, MeshPeer Script)> ConnectAsync(bool keep = true, string reaction = "tell")
    {
        var (sharp, script) = (await AddSharpAsync(), await AddScriptAsync(reaction: reaction));
        await sharp.Node.ConnectAsync(script.Info, keep);
        await sharp.Connected.NextAsync();
        await script.HappenedAsync("connect");
        return (sharp, script);
    }

    /// <summary>A node of Link and one of npm that are connected: npm has connected, and keeps the connection.</summary>
    public async Task<(MeshSharp Sharp, MeshPeer Script)> AcceptAsync(string reaction = "tell")
    {
        var (sharp, script) = (await AddSharpAsync(), await AddScriptAsync(reaction: reaction));
        Assert.Equal(sharp.Id, await script.KeepAndConnectAsync(sharp.Id, sharp.Info));
        await sharp.Connected.NextAsync();
        await script.HappenedAsync("connect");
        return (sharp, script);
    }

    /// <summary>Kills the process of the nodes of npm the hard way.</summary>
    public async Task KillScriptsAsync()
    {
        await Process!.KillAsync();
        Process = null;
    }

    /// <summary>Keeps something until the meeting ends; the last kept ends first.</summary>
    public T Keep<T>(T made)
        where T : IAsyncDisposable
    {
        _made.Add(made);
        return made;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var made in Enumerable.Reverse(_made))
        {
            await made.DisposeAsync();
        }
    }
}
