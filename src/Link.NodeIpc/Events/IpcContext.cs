using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Logging;
using Link.NodeIpc.Frames;
using Link.Streams;
using Link.Streams.Endpoints;
using Link.Streams.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.NodeIpc.Events;

/// <summary>What the server and the clients of one <see cref="Ipc"/> share. Immutable.</summary>
internal sealed class IpcContext
{
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public IpcContext(IpcOptions options)
    {
        options.Validate();
        Options = options;
        Logger = options.Silent || options.LoggerFactory is null
            ? NullLogger.Instance
            : new GuardedLogger(options.LoggerFactory.CreateLogger(typeof(Ipc).FullName!));
        IFrameCodec codec = options.RawBuffer ? new RawCodec(options.Limits.MaxFrameBytes) : new DelimiterCodec((byte)options.Delimiter);
        Network = new FrameNetwork(codec, options.Limits, options.Datagrams, options.ForEndpoints());
    }

    public IpcOptions Options { get; }

    public ILogger Logger { get; }

    public FrameNetwork Network { get; }

    /// <summary>The local socket of an id.</summary>
    /// <exception cref="ArgumentException">It makes no path.</exception>
    public Endpoint Local(string id) => EndpointBook.Local(SocketPath.Make(Options.SocketRoot, Options.AppSpace, id));

    /// <summary>TCP, or TLS where the options have it.</summary>
    /// <exception cref="ArgumentException">There is no such host or port.</exception>
    public Endpoint Net(string? host, int? port) =>
        Endpoint.Network(Options.Tls is null ? EndpointKind.Tcp : EndpointKind.Tls, host ?? Options.NetworkHost, port ?? Options.NetworkPort);

    /// <summary>UDP.</summary>
    /// <exception cref="ArgumentException">There is no such host or port.</exception>
    public Endpoint Udp(UdpVersion version, string? host, int? port) => Endpoint.Network(
        version == UdpVersion.Udp4 ? EndpointKind.Udp4 : EndpointKind.Udp6, host ?? Options.NetworkHost, port ?? Options.NetworkPort);

    /// <summary>Appends a message without its delimiter.</summary>
    /// <exception cref="LinkException">The data cannot be written (<see cref="LinkError.InvalidData"/>).</exception>
    /// <exception cref="InvalidOperationException">In raw mode there are no messages.</exception>
    public void WriteMessage(PooledBuffer output, string type, object? data)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (Options.RawBuffer)
        {
            throw new InvalidOperationException("In raw mode there are no messages: use EmitRawAsync.");
        }

        EventFrame.Write(output, type, data, Options.Serializer);
        if (output.WrittenSpan.Contains((byte)Options.Delimiter))
        {
            throw new LinkException(LinkError.InvalidData, $"The JSON text holds the delimiter U+{(int)Options.Delimiter:X4}, which would cut it in two.");
        }
    }

    /// <exception cref="LinkException">No stream carries so much (<see cref="LinkError.TooLarge"/>).</exception>
    public void ThrowIfTooLarge(int contentBytes)
    {
        if (contentBytes + (Options.RawBuffer ? 0 : 1) > Options.Limits.MaxFrameBytes)
        {
            throw new LinkException(LinkError.TooLarge, $"The message has {contentBytes} bytes, the limit of a frame is {Options.Limits.MaxFrameBytes}.");
        }
    }

    /// <exception cref="InvalidOperationException">This is not raw mode.</exception>
    public void ThrowIfNotRaw()
    {
        if (!Options.RawBuffer)
        {
            throw new InvalidOperationException("Raw bytes need the option RawBuffer: use EmitAsync.");
        }
    }

    public EventPump MakePump() => new(Options.MaxQueuedEvents, Options.MaxQueuedEventBytes, this);
}
