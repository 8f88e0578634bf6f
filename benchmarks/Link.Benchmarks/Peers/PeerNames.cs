namespace Link.Benchmarks.Peers;

/// <summary>The Link servers of the server process.</summary>
internal static class PeerNames
{
    /// <summary>Sends the payload back without looking at it.</summary>
    public const string Unparsed = "unparsed";

    /// <summary>The same with LowLatency.</summary>
    public const string LowLatency = "low";

    /// <summary>Reads the data as a token and answers a JObject.</summary>
    public const string JObject = "jobject";

    /// <summary>Reads and answers records, with System.Text.Json.</summary>
    public const string Typed = "typed";

    /// <summary>The first over TCP.</summary>
    public const string Tcp = "tcp";

    /// <summary>The first over TLS.</summary>
    public const string Tls = "tls";

    /// <summary>The first over UDP.</summary>
    public const string Udp = "udp";

    /// <summary>The first through a bridge of flic.</summary>
    public const string Bridge = "bridge";

    /// <summary>The first in a mesh, lines of JSON.</summary>
    public const string Mesh = "mesh";

    /// <summary>The first in a mesh, MessagePack.</summary>
    public const string PackedMesh = "packed-mesh";

    /// <summary>Has no other traffic than raw connections that do nothing.</summary>
    public const string Quiet = "quiet";

    /// <summary>Answers questions about the process.</summary>
    public const string Control = "control";
}
