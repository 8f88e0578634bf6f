using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.NodeIpc.Frames;
using Link.Streams;
using Link.Testing;

namespace Link.Wire.Support;

/// <summary>Connections over streams of the tests' own.</summary>
internal static class Connections
{
    public const byte Delimiter = 0x0c;

    public static DelimiterCodec Codec { get; } = new(Delimiter);

    public static Peer PeerOf(bool dialled) => new() { Name = dialled ? "other" : null, Endpoint = "memory", IsDialled = dialled };

    public static FrameChannel Channel(Stream stream, StreamLimits? limits = null, TimeProvider? time = null) =>
        new(stream, Codec, limits ?? new StreamLimits(), PeerOf(dialled: true), time ?? TimeProvider.System);

    public static NodeIpcConnection Connection(
        Stream stream, bool dialled, StreamLimits? limits = null, Action<LinkException>? onFault = null)
    {
        var peer = PeerOf(dialled);
        limits ??= new StreamLimits();
        return new NodeIpcConnection(
            new PeerChannel(new FrameChannel(stream, Codec, limits, peer, TimeProvider.System), peer, limits.MaxFrameBytes), onFault ?? (_ => { }), _ => { });
    }

    /// <summary>What a connection makes of these pieces, each of them one read.</summary>
    public static async Task<List<string>> ReceiveAsync(IEnumerable<byte[]> pieces, bool dialled, StreamLimits? limits = null)
    {
        var result = new List<string>();
        using var stream = ScriptedStream.Of(pieces);
        await using var connection = Connection(stream, dialled, limits, fault =>
        {
            Assert.Equal(LinkError.ProtocolViolation, fault.Error);
            result.Add(Described.Dropped);
        });
        try
        {
            while (await Within.Deadline(connection.ReadAsync()) is { } envelope)
            {
                result.Add(Described.Envelope(envelope));
            }

            result.Add(Described.CleanEnd);
        }
        catch (LinkException exception)
        {
            result.Add(Described.Closed(exception.Error));
        }

        Assert.True(stream.Closed.IsCompleted);
        return result;
    }

    public static Task<List<string>> ReceiveAsync(byte[] bytes, bool dialled) => ReceiveAsync([bytes], dialled);

    public static IEnumerable<byte[]> EveryByte(byte[] bytes) => bytes.Select(value => new[] { value });

    /// <summary>Pieces of random length.</summary>
    public static List<byte[]> Pieces(byte[] bytes, Random random, int longest)
    {
        var pieces = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, longest + 1), bytes.Length - start);
            pieces.Add(bytes.AsSpan(start, length).ToArray());
            start += length;
        }

        return pieces;
    }

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
