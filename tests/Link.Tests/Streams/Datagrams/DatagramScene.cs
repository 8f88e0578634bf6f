using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Link.Abstractions;
using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Streams.Datagrams;

/// <summary>A host on a port of this machine, on a clock that stands still, and plain sockets that send to it.</summary>
internal sealed class DatagramScene(int maxPeers = 100, DatagramLimits? limits = null) : IAsyncDisposable
{
    public static readonly DelimiterCodec Codec = new(0x0c);

    private readonly Channel<DatagramChannel> _established = Channel.CreateUnbounded<DatagramChannel>();
    private readonly Channel<LinkException> _reports = Channel.CreateUnbounded<LinkException>();
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<Socket> _sockets = [];

    public FakeTimeProvider Clock { get; } = new();

    public ConnectionLimit Limit { get; } = new(maxPeers);

    public DatagramLimits Limits { get; } = limits ?? new DatagramLimits();

    public EndpointOptions Options => new() { TimeProvider = Clock };

    public async Task<DatagramHost> BindAsync(string endpoint = "udp4://127.0.0.1:0", Action<DatagramChannel>? established = null)
    {
        var host = await DatagramHost.BindAsync(
            Endpoint.Parse(endpoint), Codec, Limits, Options, Limit, established ?? Take, Report);
        _owned.Add(host);
        return host;
    }

    public async Task<DatagramChannel> DialAsync(Endpoint endpoint, EndpointOptions? options = null)
    {
        var channel = await DatagramDialer.DialAsync(endpoint, "peer", Codec, Limits, options ?? Options, Report);
        _owned.Add(channel);
        return channel;
    }

    /// <summary>A plain socket on a port of its own; connected, if there is someone to connect to.</summary>
    public Socket OpenSocket(Endpoint? to = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (to is not null)
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, to.Port));
        }

        return socket;
    }

    public Task<DatagramChannel> EstablishedAsync() => Within.Deadline(_established.Reader.ReadAsync());

    public bool HasEstablished => _established.Reader.TryPeek(out _);

    public Task<LinkException> ReportedAsync() => Within.Deadline(_reports.Reader.ReadAsync());

    public static Endpoint EndpointOf(Socket socket) =>
        Endpoint.Network(EndpointKind.Udp4, "127.0.0.1", ((IPEndPoint)socket.LocalEndPoint!).Port);

    public static void Send(Socket socket, string text) => socket.Send(Encoding.UTF8.GetBytes(text));

    public static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[DatagramLimits.LargestDatagram];
        return Encoding.UTF8.GetString(buffer, 0, await Within.Deadline(socket.ReceiveAsync(buffer, SocketFlags.None)));
    }

    public static void Write(DatagramChannel channel, string text) =>
        channel.Write(text, static (output, content) => output.Write(Encoding.UTF8.GetBytes(content)));

    /// <summary>The next frame, to which somebody expects an answer.</summary>
    public static async Task<string?> ReadQuestionAsync(DatagramChannel channel)
    {
        var question = await ReadAsync(channel);
        channel.Asked();
        return question;
    }

    /// <summary>Answers one question.</summary>
    public static void Answer(DatagramChannel channel, string text)
    {
        Write(channel, text);
        channel.Answered();
    }

    /// <summary>The next frame; null at the end.</summary>
    public static async Task<string?> ReadAsync(DatagramChannel channel)
    {
        ReadOnlyMemory<byte> frame;
        while (!channel.TryRead(out frame))
        {
            if (!await Within.Deadline(channel.FillAsync()))
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString(frame.Span);
    }

    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable[] all;
        lock (_owned)
        {
            all = [.. _owned];
        }

        foreach (var owned in all)
        {
            await Within.Deadline(owned.DisposeAsync());
        }

        _established.Writer.Complete();
        await foreach (var channel in _established.Reader.ReadAllAsync())
        {
            await Within.Deadline(channel.DisposeAsync());
        }

        _sockets.ForEach(socket => socket.Dispose());
    }

    private void Take(DatagramChannel channel)
    {
        lock (_owned)
        {
            _owned.Add(channel);
        }

        _established.Writer.TryWrite(channel);
    }

    private void Report(LinkException fault) => _reports.Writer.TryWrite(fault);
}
