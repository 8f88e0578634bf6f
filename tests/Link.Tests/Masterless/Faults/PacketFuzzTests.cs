using Link.Masterless;
using Link.Testing;
using Link.Tests.Masterless.Links;

namespace Link.Tests.Masterless.Faults;

/// <summary>Random and mangled bytes before, during and after the handshake: a connection ends at most, and others go on.</summary>
public sealed class PacketFuzzTests
{
    private const int Rounds = 400;

    private static readonly Dictionary<MeshFormat, byte[][]> Packets = new()
    {
        [MeshFormat.Json] =
        [
            "{\"id\":\"two\",\"info\":\"tcp://127.0.0.1:1\"}\r\n"u8.ToArray(), "{\"priority\":1}\r\n"u8.ToArray(), "[true]\r\n"u8.ToArray(), "true\r\n"u8.ToArray(),
            "{\"a\":[1,{\"b\":null}]}\r\n"u8.ToArray(),
        ],
        [MeshFormat.MessagePack] =
        [
            Convert.FromHexString("82A26964A374776FA4696E666FB17463703A2F2F3132372E302E302E313A31"), Convert.FromHexString("81A87072696F7269747901"),
            Convert.FromHexString("81AB246D61737465726C65737381A46B656570C3"), Convert.FromHexString("81AB246D61737465726C65737381A9686561727462656174C3"),
            Convert.FromHexString("81A161920181A162C0"),
        ],
    };

    [Theory]
    [InlineData(MeshFormat.Json, 1)]
    [InlineData(MeshFormat.Json, 2)]
    [InlineData(MeshFormat.MessagePack, 3)]
    [InlineData(MeshFormat.MessagePack, 4)]
    public async Task Whatever_a_peer_sends_others_go_on(MeshFormat format, int seed)
    {
        var options = new MeshOptions { Format = format, HandshakeTimeout = TimeSpan.FromSeconds(30) };
        await using var node = await TestMesh.StartAsync("one", options);
        await using var friend = await TestMesh.StartAsync("friend", options);
        var link = await friend.ConnectAsync(node);
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            using (var peer = await TcpPeer.DialAsync(node.Port))
            {
                // As many good packets as it takes to get before, into or behind the handshake, and then one that is not.
                foreach (var packet in Packets[format].Take(random.Next(4)))
                {
                    await peer.WriteAsync(packet);
                }

                await peer.WriteAsync(Mangle(Packets[format], random));
                peer.EndWriting();
                await peer.ReadToEndAsync();
            }

            TestMesh.Send(link, $$"""{"round":{{round}}}""");
            var mark = $$"""{"round":{{round}}}""";
            while (await node.PacketAsync() != mark)
            {
                // A mangled packet may be one for the application.
            }

            await Within.Until(() => node.Open == 1 && !node.Mesh.Nodes.IsKnown("two"));
        }

        Assert.False(link.Closed.IsCompleted);
        Assert.Equal("one", (await friend.ConnectAsync(node)).Id);
    }

    private static byte[] Mangle(byte[][] packets, Random random)
    {
        if (random.Next(3) == 0)
        {
            var noise = new byte[random.Next(1, 200)];
            random.NextBytes(noise);
            return noise;
        }

        byte[] mangled = [.. packets[random.Next(packets.Length)], .. packets[random.Next(packets.Length)]];
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            mangled[random.Next(mangled.Length)] = (byte)random.Next(256);
        }

        return mangled[..random.Next(1, mangled.Length + 1)];
    }
}
