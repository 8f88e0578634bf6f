namespace Link.Benchmarks;

/// <summary>The names of the measurements, as the report prints them.</summary>
internal static class Names
{
    public const string FloorAsync = "raw socket, asynchronous";
    public const string FloorBlocking = "raw socket, blocking";
    public const string FloorPipelined = "raw socket, pipelined";
    public const string FloorMedium = "raw socket, 64 KiB";
    public const string FloorLarge = "raw socket, 1 MiB";
    public const string FloorTcp = "raw TCP socket";
    public const string FloorTcpPipelined = "raw TCP socket, pipelined";
    public const string FloorTls = "raw TLS stream";
    public const string FloorTlsPipelined = "raw TLS stream, pipelined";
    public const string FloorUdp = "raw UDP socket";
    public const string FloorUdpPipelined = "raw UDP socket, pipelined";
    public const string FloorRelay = "raw TCP, two hops";
    public const string FloorRelayPipelined = "raw TCP, two hops, pipelined";
    public const string NodeRoundTrip = "node-ipc, round trip";
    public const string NodeRate = "node-ipc, pipelined";
    public const string MasterlessRoundTrip = "masterless, round trip";
    public const string MasterlessRate = "masterless, pipelined";
    public const string RoundTrip = "Link, round trip";
    public const string LowLatency = "Link, LowLatency";
    public const string Unparsed = "Link, unparsed";
    public const string JObject = "Link, JObject";
    public const string Typed = "Link, typed";
    public const string Medium = "Link, 64 KiB";
    public const string Large = "Link, 1 MiB";
    public const string Tcp = "Link, TCP, round trip";
    public const string TcpUnparsed = "Link, TCP, unparsed";
    public const string Tls = "Link, TLS, round trip";
    public const string TlsUnparsed = "Link, TLS, unparsed";
    public const string Udp = "Link, UDP, round trip";
    public const string UdpUnparsed = "Link, UDP, unparsed";
    public const string Bridge = "Link, bridge, round trip";
    public const string BridgeUnparsed = "Link, bridge, unparsed";
    public const string Mesh = "Link, mesh, round trip";
    public const string MeshUnparsed = "Link, mesh, unparsed";
    public const string PackedMesh = "Link, mesh with MessagePack, round trip";
    public const string PackedMeshUnparsed = "Link, mesh with MessagePack, unparsed";
    public const string Idle = "Link, idle connections";
    public const string Used = "Link, used connections";
    public const string WithoutSlow = "Link, without slow connections";
    public const string BesideSlow = "Link, beside slow connections";
}
