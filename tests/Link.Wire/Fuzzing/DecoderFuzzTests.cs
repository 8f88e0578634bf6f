using System.Text;
using System.Text.Json;
using Link.NodeIpc;
using Link.Wire.Support;

namespace Link.Wire.Fuzzing;

/// <summary>
/// Frames that nobody wrote on purpose: the decoder has no outcome but the documented ones, and the same as the independent reader.
/// </summary>
public sealed class DecoderFuzzTests
{
    private static readonly byte[][] Seeds = [.. Recording.Streams.SelectMany(stream => Split(stream.Bytes)).DistinctBy(Convert.ToHexString)];

    public static TheoryData<int> Rounds() => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Mutated_frames_are_decoded_as_the_independent_reader_reads_them(int seed)
    {
        var random = new Random(seed);
        var decoders = (Request: new IpcLinkDecoder(dialled: false), Reply: new IpcLinkDecoder(dialled: true));
        for (var round = 0; round < 2000; round++)
        {
            var frame = Mutation.Of(Seeds[random.Next(Seeds.Length)], random, Connections.Delimiter);
            AssertSame(decoders.Request, frame, dialled: false);
            AssertSame(decoders.Reply, frame, dialled: true);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Random_bytes_are_decoded_as_the_independent_reader_reads_them(int seed)
    {
        var random = new Random(seed);
        var decoder = new IpcLinkDecoder(dialled: seed % 2 == 0);
        for (var round = 0; round < 2000; round++)
        {
            var frame = new byte[random.Next(200)];
            random.NextBytes(frame);
            var start = random.Next(4) switch
            {
                0 => "{\"type\":\"message\",\"data\":\""u8,
                1 => "{\"type\":"u8,
                2 => "{\""u8,
                _ => ""u8,
            };
            start[..Math.Min(start.Length, frame.Length)].CopyTo(frame);
            AssertSame(decoder, frame, dialled: seed % 2 == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Random_JSON_is_decoded_as_the_independent_reader_reads_it(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        var decoders = (Request: new IpcLinkDecoder(dialled: false), Reply: new IpcLinkDecoder(dialled: true));
        for (var round = 0; round < 1000; round++)
        {
            var frame = Encoding.UTF8.GetBytes(FrameText(json, random));
            AssertSame(decoders.Request, frame, dialled: false);
            AssertSame(decoders.Reply, frame, dialled: true);
        }
    }

    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(66)]
    [InlineData(1000)]
    public void Depth_is_bounded_as_the_independent_reader_has_it(int depth)
    {
        var nested = new string('[', depth) + new string(']', depth);
        string[] frames =
        [
            nested,
            $"{{\"type\":\"other\",\"data\":{nested}}}",
            $"{{\"type\":\"message\",\"data\":\"{{\\\"id\\\":1,\\\"data\\\":{nested}}}\"}}",
            $"{{\"type\":\"message\",\"data\":\"{{\\\"id\\\":{nested}}}\"}}",
            $"{{\"type\":\"message\",\"data\":\"{{\\\"x\\\":{nested}}}\"}}",
            $"{{\"type\":\"message\",\"data\":\"{nested}\"}}",
        ];
        foreach (var frame in frames.Select(Encoding.UTF8.GetBytes))
        {
            AssertSame(new IpcLinkDecoder(dialled: false), frame, dialled: false);
            AssertSame(new IpcLinkDecoder(dialled: true), frame, dialled: true);
        }
    }

    private static void AssertSame(IpcLinkDecoder decoder, byte[] frame, bool dialled)
    {
        var (expected, actual) = (IndependentReader.Frame(frame, dialled), Decode(decoder, frame));
        Assert.True(expected == actual, $"{Convert.ToHexString(frame)}\n{Connections.Text(frame)}\nexpected {expected ?? "ignored"}\nactual   {actual ?? "ignored"}");
    }

    /// <summary>Anything but the documented outcomes is an exception that fails the test.</summary>
    private static string? Decode(IpcLinkDecoder decoder, byte[] frame)
    {
        try
        {
            switch (decoder.Decode(frame, out var envelope, out var problem))
            {
                case DecodeResult.Envelope:
                    return Described.Envelope(envelope);
                case DecodeResult.Dropped:
                    Assert.NotEmpty(problem);
                    return Described.Dropped;
                default:
                    return null;
            }
        }
        catch (JsonException)
        {
            return Described.Violation;
        }
    }

    /// <summary>A frame with its members in some order, some twice, some strange, and strangely written.</summary>
    private static string FrameText(RandomJson json, Random random)
    {
        var inner = Shuffled(json, random, ("id", json.Scalar()), ("sentBy", json.Scalar()), ("data", json.Value(3)), ("success", json.Scalar()), ("id", json.Value(1)));
        var data = random.Next(10) == 0 ? json.Value(2) : json.Quoted(random.Next(10) == 0 ? json.Value(2) : inner);
        var type = random.Next(10) == 0 ? json.Scalar() : json.Quoted("message");
        return json.Space() + Shuffled(json, random, ("type", type), ("data", data), ("type", json.Quoted("message")), ("data", json.Quoted(inner))) + json.Space();
    }

    private static string Shuffled(RandomJson json, Random random, params (string Name, string Value)[] members)
    {
        var chosen = members.Where(_ => random.Next(5) > 0).Append((json.Text(3), json.Value(2))).ToArray();
        random.Shuffle(chosen);
        return json.Object(chosen);
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        for (var start = 0; bytes.AsSpan(start).IndexOf(Connections.Delimiter) is var length && length >= 0; start += length + 1)
        {
            yield return bytes[start..(start + length)];
        }
    }
}
