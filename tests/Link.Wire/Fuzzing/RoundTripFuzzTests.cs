using System.Text;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.NodeIpc;
using Link.Wire.Support;

namespace Link.Wire.Fuzzing;

/// <summary>What Link writes, Link and the independent reader read back equal; what random peers send, one connection reads in any pieces.</summary>
public sealed class RoundTripFuzzTests
{
    public static TheoryData<int> Rounds() => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Requests_are_read_back_as_they_were_written(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        var (encoder, decoder) = (new IpcLinkEncoder(), new IpcLinkDecoder(dialled: false));
        for (var round = 0; round < 1000; round++)
        {
            var written = new Envelope
            {
                Kind = EnvelopeKind.Request,
                Id = random.Next(5) == 0 ? default : RequestId.FromJson(Encoding.UTF8.GetBytes(json.Scalar())),
                From = random.Next(5) == 0 ? null : json.Text(),
                Payload = new Payload(Encoding.UTF8.GetBytes(random.Next(2) == 0 ? json.Value(4) : json.Object([(json.Text(), json.Value(4))]))),
            };
            AssertReadBack(encoder, decoder, written, dialled: false);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Replies_are_read_back_as_they_were_written(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        var (encoder, decoder) = (new IpcLinkEncoder(), new IpcLinkDecoder(dialled: true));
        for (var round = 0; round < 1000; round++)
        {
            var (id, success) = (Encoding.UTF8.GetBytes(json.Scalar()), random.Next(2) == 0 ? "true" : "false");
            var written = new Envelope
            {
                Kind = EnvelopeKind.Reply,
                Id = RequestId.FromJson(id),
                Success = success == "true",
                Payload = new Payload(Encoding.UTF8.GetBytes(
                    json.Object([("success", success), ("id", Encoding.UTF8.GetString(id)), ("other " + json.Text(), json.Value(4))]))),
            };
            AssertReadBack(encoder, decoder, written, dialled: true);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task Streams_of_random_frames_are_read_in_random_pieces(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var dialled = random.Next(2) == 0;
            var bytes = Stream(new RandomJson(random), random);
            var expected = IndependentReader.ReadAll(bytes, dialled);

            Assert.Equal(expected, await Connections.ReceiveAsync([bytes], dialled));
            Assert.Equal(expected, await Connections.ReceiveAsync(Connections.Pieces(bytes, random, 1 << random.Next(1, 10)), dialled));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task Random_bytes_are_read_in_random_pieces(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new byte[random.Next(3000)];
            for (var index = 0; index < bytes.Length; index++)
            {
                bytes[index] = random.Next(5) == 0 ? Connections.Delimiter : (byte)random.Next(random.Next(2) == 0 ? 128 : 256);
            }

            Assert.Equal(IndependentReader.ReadAll(bytes, false), await Connections.ReceiveAsync(Connections.Pieces(bytes, random, 100), false));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Ids_are_equal_exactly_when_they_are_the_same_JavaScript_value(int seed)
    {
        var json = new RandomJson(new Random(seed));
        var texts = Enumerable.Range(0, 150).Select(_ => json.Scalar()).Concat(Alike()).ToList();
        var ids = texts.Select(text => RequestId.FromJson(Encoding.UTF8.GetBytes(text)).Canonical()).ToList();
        var values = texts.Select(text => Described.Request(text, null, null)).ToList();
        for (var left = 0; left < ids.Count; left++)
        {
            for (var right = 0; right < ids.Count; right++)
            {
                Assert.True(ids[left] == ids[right] == (values[left] == values[right]), $"{texts[left]} and {texts[right]}");
            }
        }
    }

    private static IEnumerable<string> Alike() =>
    [
        "1", "1.0", "\"1\"", "\"\\u0031\"", "10e-1", "-0", "0", "1e300", "1" + new string('0', 300), "1." + new string('0', 2000), "1" + new string('0', 2000) + "e-2000",
        "0." + new string('0', 2000) + "1", "0." + new string('0', 299) + "1", "1e-300", "9007199254740993", "9007199254740992", "1e0000000000", "1E+00",
        "2.4703282292062328e-324", "5e-324", "9007199254740992." + new string('0', 900) + "1", "9007199254740993." + new string('0', 900) + "1",
    ];

    private static void AssertReadBack(IpcLinkEncoder encoder, IpcLinkDecoder decoder, in Envelope written, bool dialled)
    {
        using var frame = new PooledBuffer();
        encoder.Encode(frame, written);
        var text = Connections.Text(frame.WrittenSpan);

        Assert.DoesNotContain('\f', text);
        Assert.Equal(DecodeResult.Envelope, decoder.Decode(frame.WrittenSpan, out var read, out _));
        Assert.Equal((written.Kind, written.Id, written.From, written.Success), (read.Kind, read.Id, read.From, read.Success));
        Assert.Equal(written.Payload.ToString(), read.Payload.ToString());
        Assert.Equal(Described.Envelope(written), IndependentReader.Frame(frame.WrittenSpan, dialled));
    }

    private static byte[] Stream(RandomJson json, Random random)
    {
        using var bytes = new MemoryStream();
        for (var count = random.Next(1, 40); count > 0; count--)
        {
            var inner = random.Next(20) == 0 ? json.Value(2) : json.Object([("id", json.Scalar()), ("success", json.Scalar()), ("data", json.Value(3)), ("n", json.Quoted(json.Text(200)))]);
            var frame = random.Next(30) switch
            {
                0 => "",
                1 => json.Value(2),
                2 when count < 3 => "{broken",
                _ => "{\"type\":\"message\",\"data\":" + json.Quoted(inner) + "}",
            };
            bytes.Write(Encoding.UTF8.GetBytes(frame));
            if (count > 1 || random.Next(8) > 0)
            {
                bytes.WriteByte(Connections.Delimiter);
            }
        }

        return bytes.ToArray();
    }
}
