using System.Text;
using Link.Abstractions;
using Link.Masterless;
using Link.Masterless.Packets;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;
using Connections = Link.Wire.Support.Connections;

namespace Link.Wire.Masterless;

/// <summary>The recordings of masterless and masterless-msgpack, with Link in place of each side.</summary>
public sealed class MeshReplayTests
{
    /// <summary>From which line on Link does otherwise on purpose (SPEC.md, "Deviations"); what came before is replayed.</summary>
    private static readonly Dictionary<(MeshFormat Format, string Scenario, string Side), int> Deviations = new()
    {
        // Link announces an address that others can reach, where the original announces [::].
        [(MeshFormat.Json, "readme-counter-example", "right")] = 2,
        [(MeshFormat.MessagePack, "readme-counter-example", "right")] = 2,

        // Link takes priority 0 for what it says, and closes.
        [(MeshFormat.Json, "raw-priority-forms", "left")] = 6,
        [(MeshFormat.MessagePack, "raw-priority-forms", "left")] = 6,

        // The original dies of a heartbeat before the handshake; Link passes over it.
        [(MeshFormat.MessagePack, "raw-heartbeat-before-id", "left")] = 3,
    };

    public static TheoryData<MeshFormat, string, string> Roles => MeshRecording.Roles;

    [Theory]
    [MemberData(nameof(Roles))]
    public Task Link_writes_what_was_recorded(MeshFormat format, string scenario, string side) => ReplayAsync(format, scenario, side, bytes => [bytes]);

    [Theory]
    [MemberData(nameof(Roles))]
    public Task Link_writes_the_same_when_it_receives_byte_by_byte(MeshFormat format, string scenario, string side) =>
        ReplayAsync(format, scenario, side, Connections.EveryByte);

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task Every_stream_means_the_same_wherever_it_is_cut(MeshFormat format)
    {
        foreach (var bytes in MeshRecording.Streams(format))
        {
            var whole = await ReadAsync(format, [bytes]);
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                Assert.Equal(whole, await ReadAsync(format, [bytes[..cut], bytes[cut..]]));
            }
        }
    }

    private static async Task ReplayAsync(MeshFormat format, string scenario, string side, Func<byte[], IEnumerable<byte[]>> cut)
    {
        var lines = MeshRecording.Of(format, scenario);
        var end = Deviations.GetValueOrDefault((format, scenario, side), int.MaxValue);
        await using var replay = new MeshReplay(format, side, lines, cut);
        await replay.RunAsync(lines.Where(line => line.Sequence < end));
    }

    private static async Task<List<string>> ReadAsync(MeshFormat format, IEnumerable<byte[]> pieces)
    {
        var packets = new MeshOptions { Format = format }.PacketFormat;
        var limits = new StreamLimits();
        var peer = Connections.PeerOf(dialled: true);
        using var stream = ScriptedStream.Of(pieces);
        await using var channel = new FrameChannel(stream, packets.CreateCodec(limits, () => peer), limits, peer, TimeProvider.System);
        var read = new List<string>();
        try
        {
            do
            {
                while (channel.TryRead(out var frame))
                {
                    read.Add(Describe(packets, frame.Span));
                }
            }
            while (await Within.Deadline(channel.FillAsync()));
            read.Add(Described.CleanEnd);
        }
        catch (LinkException exception)
        {
            read.Add(Described.Closed(exception.Error));
        }

        return read;
    }

    private static string Describe(PacketFormat packets, ReadOnlySpan<byte> frame)
    {
        try
        {
            var packet = packets.Read(frame);
            return $"{packet.Kind} {packet.Keeps} {Encoding.UTF8.GetString(packet.Json.Span)}";
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or Link.Masterless.MessagePack.MessagePackException)
        {
            return Described.Violation;
        }
    }
}
