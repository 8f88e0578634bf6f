namespace Link.Benchmarks;

/// <summary>What a figure, or its ratio, should be.</summary>
/// <param name="Limit">The number.</param>
/// <param name="AtMost">True when the figure should not exceed it, false when it should not be less.</param>
/// <param name="OfRatio">True when the ratio is meant, false when the figure itself.</param>
internal sealed record Goal(double Limit, bool AtMost, bool OfRatio = true)
{
    public bool IsMetBy(double value) => AtMost ? value <= Limit : value >= Limit;
}

/// <summary>One line of the report.</summary>
/// <param name="Name">What is reported.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Link">Where Link's value comes from.</param>
/// <param name="Reference">What it is compared with, if anything.</param>
/// <param name="Goal">What is wanted, if anything.</param>
internal sealed record Figure(string Name, string Unit, Source Link, Source? Reference = null, Goal? Goal = null);

/// <summary>All figures of the report, with the goals the project has set itself.</summary>
internal static class Figures
{
    public static IReadOnlyList<Figure> All { get; } =
    [
        new("round trip p50", "us", new(Names.RoundTrip, Values.P50), new(Names.FloorAsync, Values.P50), new Goal(1.5, AtMost: true)),
        new("round trip p99", "us", new(Names.RoundTrip, Values.P99), new(Names.FloorAsync, Values.P99)),
        new("round trip p50, LowLatency", "us", new(Names.LowLatency, Values.P50), new(Names.FloorBlocking, Values.P50), new Goal(1.0, AtMost: true)),
        new("round trip p99, LowLatency", "us", new(Names.LowLatency, Values.P99), new(Names.FloorBlocking, Values.P99)),
        new("round trip p50 against node-ipc", "us", new(Names.RoundTrip, Values.P50), new(Names.NodeRoundTrip, Values.P50)),
        new("requests/s, JObject", "1/s", new(Names.JObject, Values.Rate), new(Names.NodeRate, Values.Rate), new Goal(7, AtMost: false)),
        new("requests/s, typed System.Text.Json", "1/s", new(Names.Typed, Values.Rate), new(Names.NodeRate, Values.Rate), new Goal(12, AtMost: false)),
        new("requests/s, unparsed", "1/s", new(Names.Unparsed, Values.Rate), new(Names.FloorPipelined, Values.Rate)),
        new("64 KiB unparsed, 8 in flight", "MB/s", new(Names.Medium, Values.Megabytes), new(Names.FloorMedium, Values.Megabytes), new Goal(0.6, AtMost: false)),
        new("1 MiB unparsed, p50", "us", new(Names.Large, Values.P50), new(Names.FloorLarge, Values.P50), new Goal(2.5, AtMost: true)),
        new("TCP round trip p50", "us", new(Names.Tcp, Values.P50), new(Names.FloorTcp, Values.P50)),
        new("TCP requests/s, unparsed", "1/s", new(Names.TcpUnparsed, Values.Rate), new(Names.FloorTcpPipelined, Values.Rate)),
        new("TLS round trip p50", "us", new(Names.Tls, Values.P50), new(Names.FloorTls, Values.P50)),
        new("TLS requests/s, unparsed", "1/s", new(Names.TlsUnparsed, Values.Rate), new(Names.FloorTlsPipelined, Values.Rate)),
        new("UDP round trip p50", "us", new(Names.Udp, Values.P50), new(Names.FloorUdp, Values.P50)),
        new("UDP requests/s, unparsed, 32 in flight", "1/s", new(Names.UdpUnparsed, Values.Rate), new(Names.FloorUdpPipelined, Values.Rate)),
        new("round trip p50 through a bridge", "us", new(Names.Bridge, Values.P50), new(Names.FloorRelay, Values.P50)),
        new("requests/s through a bridge, unparsed", "1/s", new(Names.BridgeUnparsed, Values.Rate), new(Names.FloorRelayPipelined, Values.Rate)),
        new("mesh, round trip p50", "us", new(Names.Mesh, Values.P50), new(Names.FloorTcp, Values.P50)),
        new("mesh, requests/s, unparsed", "1/s", new(Names.MeshUnparsed, Values.Rate), new(Names.FloorTcpPipelined, Values.Rate)),
        new("mesh with MessagePack, round trip p50", "us", new(Names.PackedMesh, Values.P50), new(Names.FloorTcp, Values.P50)),
        new("mesh with MessagePack, requests/s, unparsed", "1/s", new(Names.PackedMeshUnparsed, Values.Rate), new(Names.FloorTcpPipelined, Values.Rate)),
        new("mesh, round trip p50 against masterless", "us", new(Names.Mesh, Values.P50), new(Names.MasterlessRoundTrip, Values.P50)),
        new("mesh, requests/s against masterless", "1/s", new(Names.MeshUnparsed, Values.Rate), new(Names.MasterlessRate, Values.Rate)),
        new("allocated per request, client, unparsed", "B", new(Names.Unparsed, Values.ClientBytes), Goal: new Goal(400, AtMost: true, OfRatio: false)),
        new("allocated per request, server, unparsed", "B", new(Names.Unparsed, Values.ServerBytes)),
        new("allocated per request, client, 1 in flight", "B", new(Names.RoundTrip, Values.ClientBytes)),
        new("allocated per request, server, 1 in flight", "B", new(Names.RoundTrip, Values.ServerBytes)),
        new("allocated per request, client, JObject", "B", new(Names.JObject, Values.ClientBytes)),
        new("allocated per request, server, JObject", "B", new(Names.JObject, Values.ServerBytes)),
        new("allocated per request, client, typed", "B", new(Names.Typed, Values.ClientBytes)),
        new("allocated per request, server, typed", "B", new(Names.Typed, Values.ServerBytes)),
        new("idle connection, managed", "B", new(Names.Idle, Values.Managed), Goal: new Goal(4096, AtMost: true, OfRatio: false)),
        new("idle connection, resident", "B", new(Names.Idle, Values.Resident)),
        new("idle connection after a request, managed", "B", new(Names.Used, Values.Managed), Goal: new Goal(4096, AtMost: true, OfRatio: false)),
        new("idle connection after a request, resident", "B", new(Names.Used, Values.Resident)),
        new("p99 beside 1,000 slow connections", "us", new(Names.BesideSlow, Values.P99), new(Names.WithoutSlow, Values.P99), new Goal(2, AtMost: true)),
    ];
}
