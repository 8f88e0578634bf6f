using Link.Abstractions;
using Newtonsoft.Json.Linq;

namespace Link.NodeIpc.Events;

/// <summary>A message that arrived. Its data are parsed where they are looked at, not before. Safe for concurrent use.</summary>
public sealed class IpcMessage
{
    private readonly IPayloadSerializer _serializer;
    private JToken? _data;

    internal IpcMessage(string type, Payload payload, IpcSocket socket, IPayloadSerializer serializer)
    {
        Type = type;
        Payload = payload;
        Socket = socket;
        _serializer = serializer;
    }

    /// <summary>The type, which chose the handler.</summary>
    public string Type { get; }

    /// <summary>The data as unparsed JSON; empty when the message had none.</summary>
    public Payload Payload { get; }

    /// <summary>The data as a token; parsed once. Undefined when the message had none.</summary>
    /// <exception cref="LinkException">They cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken Data => _data ??= Payload.AsToken();

    /// <summary>The connection it came by: answer with its <see cref="IpcSocket.EmitAsync"/>.</summary>
    public IpcSocket Socket { get; }

    /// <summary>Converts the data with the serializer of the options. Each call converts anew.</summary>
    /// <exception cref="LinkException">They do not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>() => Payload.As<T>(_serializer);
}
