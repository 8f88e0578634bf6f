namespace Link.NodeIpc.Events;

/// <summary>UDP over which version of the Internet protocol.</summary>
public enum UdpVersion
{
    /// <summary>IPv4: node-ipc's <c>udp4</c>.</summary>
    Udp4,

    /// <summary>IPv6: node-ipc's <c>udp6</c>.</summary>
    Udp6,
}
