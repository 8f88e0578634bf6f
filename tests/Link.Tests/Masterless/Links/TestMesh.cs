using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>A mesh that keeps and reads all its connections, and remembers what it was told.</summary>
internal sealed class TestMesh : IMeshEvents, IAsyncDisposable
{
    private readonly ConcurrentDictionary<MeshLink, byte> _links = new();
    private readonly Channel<MeshLink> _connected = Channel.CreateUnbounded<MeshLink>();
    private readonly Channel<LinkException?> _ended = Channel.CreateUnbounded<LinkException?>();
    private readonly Channel<string> _packets = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _forgotten = Channel.CreateUnbounded<string>();
    private readonly Channel<LinkException> _faults = Channel.CreateUnbounded<LinkException>();

    private TestMesh(string id, MeshOptions options)
    {
        Options = options;
        Mesh = new Mesh(id, options, this);
    }

    public Mesh Mesh { get; }

    public MeshOptions Options { get; }

    /// <summary>Whether connections are read.</summary>
    public bool Reads { get; init; } = true;

    public int Port => Mesh.Listening!.Port;

    public Endpoint Endpoint => Mesh.Listening!;

    /// <summary>How many connections it was given that have not been closed.</summary>
    public int Open => _links.Keys.Count(link => !link.Closed.IsCompleted);

    /// <summary>A node that listens.</summary>
    public static Task<TestMesh> StartAsync(string id, MeshOptions? options = null, bool reads = true) =>
        ListenAsync(new TestMesh(id, options ?? new MeshOptions()) { Reads = reads });

    public Task<MeshLink> ConnectAsync(TestMesh other, string? expected = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(other.Endpoint, expected, cancellationToken);

    public Task<MeshLink> ConnectAsync(Endpoint address, string? expected = null, CancellationToken cancellationToken = default) =>
        Within.Deadline(Mesh.ConnectAsync(address, expected, keeps: true, cancellationToken));

    /// <summary>The next connection that was chosen.</summary>
    public Task<MeshLink> ConnectedAsync() => Within.Deadline(_connected.Reader.ReadAsync());

    /// <summary>Why the next connection ended: null at a clean end.</summary>
    public Task<LinkException?> EndedAsync() => Within.Deadline(_ended.Reader.ReadAsync());

    public Task<string> PacketAsync() => Within.Deadline(_packets.Reader.ReadAsync());

    /// <summary>Whether there is a packet nobody has asked for.</summary>
    public bool HasPacket => _packets.Reader.TryPeek(out _);

    public Task<string> ForgottenAsync() => Within.Deadline(_forgotten.Reader.ReadAsync());

    public Task<LinkException> FaultAsync() => Within.Deadline(_faults.Reader.ReadAsync());

    /// <summary>Sends a packet over a connection.</summary>
    public static void Send(MeshLink link, string json) => link.Write(Encoding.UTF8.GetBytes(json), static (output, bytes) => output.Write(bytes));

    public void OnConnected(MeshLink link)
    {
        _links.TryAdd(link, 0);
        link.WriteKeep(keeps: true, countsAsSend: false);
        _connected.Writer.TryWrite(link);
        if (Reads)
        {
            _ = ReadAsync(link);
        }
    }

    public void OnForgotten(string id) => _forgotten.Writer.TryWrite(id);

    public void OnFault(LinkException fault) => _faults.Writer.TryWrite(fault);

    public async ValueTask DisposeAsync()
    {
        var disposal = Mesh.DisposeAsync().AsTask();
        if (Options.TimeProvider is FakeTimeProvider time)
        {
            await Within.Until(() =>
            {
                // Closing waits for acknowledgements by the clock.
                time.Advance(TimeSpan.FromMilliseconds(1));
                return disposal.IsCompleted;
            });
        }

        await Within.Deadline(disposal);
    }

    private static async Task<TestMesh> ListenAsync(TestMesh mesh)
    {
        await Within.Deadline(mesh.Mesh.ListenAsync(Endpoint.Network(mesh.Options.Kind, mesh.Options.Host, mesh.Options.Port), CancellationToken.None));
        return mesh;
    }

    private async Task ReadAsync(MeshLink link)
    {
        try
        {
            do
            {
                while (link.TryRead(out var json))
                {
                    _packets.Writer.TryWrite(Encoding.UTF8.GetString(json.Span));
                }
            }
            while (await link.FillAsync());
            _ended.Writer.TryWrite(null);
        }
        catch (LinkException exception)
        {
            _ended.Writer.TryWrite(exception);
        }
    }
}
