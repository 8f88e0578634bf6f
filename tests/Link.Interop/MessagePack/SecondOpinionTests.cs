using System.Globalization;
using System.Text;
using Link.Abstractions.Buffers;
using Link.Interop.Harness;
using Link.Masterless.MessagePack;
using Newtonsoft.Json.Linq;

namespace Link.Interop.MessagePack;

/// <summary>npm's @msgpack/msgpack and the codec of the mesh make the same of the same values, in both directions.</summary>
[Collection(SecondNode.Name)]
public sealed class SecondOpinionTests
{
    private const int Count = 1000;
    private const int Large = 70_000;

    /// <summary>Beyond this JavaScript has no whole numbers of its own, and its codec writes doubles.</summary>
    private const long LargestSafe = (1L << 53) - 1;

    public static TheoryData<int, bool> Seeds => new()
    {
        { 1, false },
        { 2, false },
        { 3, false },
        { 4, true },
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Random_values_are_read_as_they_were_encoded_there_and_decoded_there_as_they_were_written(int seed, bool forceIntegerToFloat)
    {
        await using var node = await NodeProcess.StartAsync();
        var values = (await node.CallAsync("msgpackRandom", new { seed, count = Count, options = new { forceIntegerToFloat } }))!
            .Select(value => (Hex: (string)value["hex"]!, Json: (string)value["json"]!)).ToList();

        Assert.Equal(Count, values.Count);
        Assert.All(values, value => Assert.Equal(value.Json, Read(value.Hex)));
        Assert.Equal(values.Select(value => value.Json), await DecodeAsync(node, values.Select(value => Write(value.Json))));
    }

    [Fact]
    public async Task Numbers_at_every_boundary_are_the_same_bytes()
    {
        var texts = Boundaries().Where(value => Int128.Abs(value) <= LargestSafe).Select(Text)
            .Concat(["0.1", "-0.5", "1.5", "1e-7", "5e-324", "1.7976931348623157e+308", "4294967295.5", "-2147483648.5"]).ToList();
        await using var node = await NodeProcess.StartAsync();

        var encoded = await TextsAsync(node.CallAsync("msgpackEncode", new { texts }));

        Assert.Equal(encoded, texts.Select(Write));
        Assert.Equal(texts, encoded.Select(Read));
    }

    [Fact]
    public async Task Whole_numbers_of_64_bits_are_exact()
    {
        var integers = Boundaries().Select(Text).ToList();
        await using var node = await NodeProcess.StartAsync();

        var encoded = await TextsAsync(node.CallAsync("msgpackEncodeExactly", new { integers }));
        var decoded = await TextsAsync(node.CallAsync("msgpackDecodeExactly", new { values = integers.Select(Write) }));

        Assert.Equal(integers, encoded.Select(Read));
        Assert.Equal(integers, decoded);
    }

    [Fact]
    public async Task Times_are_the_same_text()
    {
        double[] times = [0, 1, 999, 1000, -1, -1000, -1500, 4294967295000, 4294967296000, 17179869183999, 17179869184000, 253402300800000, -62167219200001, 8.64e15, -8.64e15];
        await using var node = await NodeProcess.StartAsync();

        var values = (await node.CallAsync("msgpackTimes", new { times }))!.ToList();

        Assert.Equal(times.Length, values.Count);
        Assert.All(values, value => Assert.Equal((string)value["json"]!, Read((string)value["hex"]!)));
    }

    [Fact]
    public async Task Large_values_are_the_same_bytes()
    {
        var items = Enumerable.Range(0, Large);
        string[] texts =
        [
            .. new[] { 31, 32, 255, 256, 65535, 65536, Large }.Select(length => $"\"{new string('x', length)}\""),
            .. new[] { 15, 16, 65535, 65536 }.Select(count => $"[{string.Join(',', items.Take(count))}]"),
            .. new[] { 15, 16, 65535, 65536 }.Select(count => $"{{{string.Join(',', items.Take(count).Select(item => $"\"k{item}\":{item}"))}}}"),
            $"\"{string.Concat(Enumerable.Repeat("é漢😀\\n", Large))}\"",
            string.Concat(Enumerable.Repeat("[", 64)) + string.Concat(Enumerable.Repeat("]", 64)),
        ];
        await using var node = await NodeProcess.StartAsync();

        var encoded = await TextsAsync(node.CallAsync("msgpackEncode", new { texts }));

        Assert.Equal(encoded, texts.Select(Write));
        Assert.Equal(texts, encoded.Select(Read));
        Assert.Equal(texts, await DecodeAsync(node, encoded));
    }

    [Fact]
    public async Task Names_that_are_indexes_are_names_again_there()
    {
        const string Json = "{\"0\":1,\"7\":{\"300\":2,\"4294967294\":3,\"4294967295\":4,\"01\":5},\"b\":[{\"1\":6}]}";
        await using var node = await NodeProcess.StartAsync();

        Assert.Equal([Json], await DecodeAsync(node, [Write(Json)]));
    }

    /// <summary>Around each power of two, up to what 64 bits hold.</summary>
    private static IEnumerable<Int128> Boundaries() =>
        from power in Enumerable.Range(0, 65)
        from near in new[] { -1, 0, 1 }
        from sign in new[] { 1, -1 }
        let value = sign * ((Int128.One << power) + near)
        where value >= long.MinValue && value <= ulong.MaxValue
        select value;

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);

    private static Task<List<string>> DecodeAsync(NodeProcess node, IEnumerable<string> values) => TextsAsync(node.CallAsync("msgpackDecode", new { values }));

    private static async Task<List<string>> TextsAsync(Task<JToken?> call) => [.. (await call)!.Select(text => (string)text!)];

    private static string Read(string hex) => Encoding.UTF8.GetString(MessagePackToJson.Read(Convert.FromHexString(hex)));

    private static string Write(string json)
    {
        using var output = new PooledBuffer();
        JsonToMessagePack.Write(output, Encoding.UTF8.GetBytes(json));
        return Convert.ToHexStringLower(output.WrittenSpan);
    }
}
