using System.Globalization;
using System.Text;
using System.Text.Json;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Masterless.MessagePack;
using Link.Wire.Fuzzing;

namespace Link.Wire.MessagePack;

/// <summary>Any JSON goes there and back; any bytes are read, or refused by the one error, and the codec agrees with the reader where a value ends.</summary>
public sealed class FuzzTests
{
    private const int Deepest = 65;

    public static TheoryData<int> Rounds() => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Any_JSON_is_read_back_as_what_it_says(int seed)
    {
        var json = new RandomJson(new Random(seed));
        for (var round = 0; round < 2000; round++)
        {
            var text = json.Space() + json.Value(round % 6) + json.Space();
            var bytes = Transcoded.Bytes(text);

            Assert.Equal((text, JavaScriptText.Of(text)), (text, Transcoded.Json(bytes)));
            Assert.Equal($"{bytes.Length}", Cut.Describe(bytes, [bytes.Length]));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Objects_with_indexes_and_byte_buffers_are_read_back_in_the_order_of_JavaScript(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        for (var round = 0; round < 200; round++)
        {
            var text = Value(3);

            Assert.Equal((text, JavaScriptText.Of(text)), (text, Transcoded.Json(Transcoded.Bytes(text))));
        }

        string Value(int depth) => random.Next(depth == 0 ? 2 : 5) switch
        {
            0 => json.Scalar(),
            1 => $"{{\"type\":\"Buffer\",\"data\":[{string.Join(',', Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(256)))}]}}",
            2 => $"[{string.Join(',', Enumerable.Range(0, random.Next(8)).Select(_ => Value(depth - 1)))}]",
            _ => json.Object(Enumerable.Range(0, random.Next(12)).Select(_ => (Name(), Value(depth - 1)))),
        };

        string Name() => random.Next(3) == 0 ? json.Text(4) : $"{random.NextInt64(1L << random.Next(1, 34))}";
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Any_value_in_any_form_is_read_as_its_JSON(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            var (bytes, json) = RandomValue.Of(random, round % 5);

            Assert.Equal((Convert.ToHexString(bytes), json), (Convert.ToHexString(bytes), Transcoded.Json(bytes)));
            Assert.Equal($"{bytes.Length}", Cut.Describe(bytes, Lengths(bytes.Length, random)));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void What_was_read_is_read_again_after_it_was_written(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 1000; round++)
        {
            var json = Transcoded.Json(RandomValue.Of(random, round % 5).Bytes);

            Assert.Equal((json, JavaScriptText.Of(json)), (json, Transcoded.Json(Transcoded.Bytes(json))));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Changed_JSON_is_written_or_refused_as_no_JSON(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        for (var round = 0; round < 2000; round++)
        {
            var text = Mutation.Of(Encoding.UTF8.GetBytes(json.Value(round % 5)), random, delimiter: 0x0c);
            using var output = new PooledBuffer();
            if (JsonText.IsValid(text))
            {
                JsonToMessagePack.Write(output, text);
                Assert.Equal($"{output.Length}", Cut.Describe(output.WrittenSpan.ToArray(), [output.Length]));
            }
            else
            {
                Assert.ThrowsAny<JsonException>(() => JsonToMessagePack.Write(output, text));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Changed_values_are_read_or_refused_by_the_one_error(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            AssertSound(Changed(RandomValue.Of(random, round % 5).Bytes, random), random);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Any_bytes_are_read_or_refused_by_the_one_error(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = new byte[random.Next(round % 100 == 0 ? 3000 : 40)];
            random.NextBytes(bytes);
            for (var index = 0; index < bytes.Length && round % 3 > 0; index++)
            {
                // Heads in the main, which random bytes run out of soon.
                bytes[index] = random.Next(3) == 0 ? (byte)random.Next(4) : (byte)random.Next(0x80, 0xe0);
            }

            AssertSound(bytes, random);
        }
    }

    [Theory]
    [InlineData("dfffffffff")]
    [InlineData("ddffffffff")]
    [InlineData("dbffffffff")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff05")]
    [InlineData("df7fffffff0101")]
    [InlineData("dd7fffffff0101")]
    public void A_length_beyond_the_bytes_costs_no_memory(string hex)
    {
        const int Most = 256 * 1024;
        var bytes = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<MessagePackException>(() => Transcoded.Json(bytes));
        Cut.Describe(bytes, [bytes.Length]);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Most);
    }

    [Theory]
    [InlineData(63, "a122")]
    [InlineData(40, "90")]
    [InlineData(20, "dc0010a122a122a122a122a122a122a122a122a122a122a122a122a122a122a122a122")]
    public void Names_within_names_do_not_grow_without_bound(int levels, string innermost)
    {
        const int Most = 4 * 1024 * 1024;
        var bytes = Convert.FromHexString(string.Concat(Enumerable.Repeat("81", levels)) + innermost + string.Concat(Enumerable.Repeat("c0", levels)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<MessagePackException>(() => Transcoded.Json(bytes));

        Assert.Contains("larger", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Most);
    }

    [Theory]
    [InlineData("a100")]
    [InlineData("ff")]
    [InlineData("cb8010000000000001")]
    [InlineData("81c2c2")]
    [InlineData("c4ffff")]
    [InlineData("d6ff00000000")]
    public void Ordinary_values_are_read_however_many_there_are(string hex)
    {
        var item = Convert.FromHexString(hex == "c4ffff" ? $"c4ff{new string('f', 510)}" : hex);
        byte[] bytes = [0xdd, 0, 0, 0x40, 0, .. Enumerable.Repeat(item, 1 << 14).SelectMany(part => part)];

        var json = MessagePackToJson.Read(bytes);

        Assert.True(JsonText.IsValid(json));
    }

    [Fact]
    public void Heaps_of_empty_values_that_become_long_text_are_refused()
    {
        byte[] bytes = [0xdd, 0, 1, 0, 0, .. Enumerable.Repeat<byte[]>([0xc7, 0, 5], 1 << 16).SelectMany(part => part)];

        Assert.Throws<MessagePackException>(() => MessagePackToJson.Read(bytes));
    }

    /// <summary>Nothing but the one error comes out, the JSON is valid, and the codec finds the end where the reader needs it.</summary>
    private static void AssertSound(byte[] bytes, Random random)
    {
        var hex = Convert.ToHexString(bytes);
        var end = Cut.Describe(bytes, [bytes.Length]);
        Assert.Equal((hex, end), (hex, Cut.Describe(bytes, Lengths(bytes.Length, random))));

        if (int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            if (TryRead(bytes.AsSpan(0, length)) is { } error)
            {
                Assert.Matches("levels|larger", error);
            }

            Assert.True(length == bytes.Length || TryRead(bytes) is not null, hex);
        }
        else
        {
            Assert.True(TryRead(bytes) is not null, hex);
        }
    }

    /// <summary>The message of the one error, or null.</summary>
    private static string? TryRead(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = MessagePackToJson.Read(bytes);
            Assert.True(System.Text.Unicode.Utf8.IsValid(json));
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (MessagePackException exception)
        {
            return exception.Message;
        }
    }

    private static byte[] Changed(byte[] value, Random random)
    {
        var bytes = value.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = random.Next(Math.Min(8, bytes.Count - at) + 1);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.Slice(at, length));
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(0x80, 0x100));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>How much is there after each read.</summary>
    private static IEnumerable<int> Lengths(int length, Random random)
    {
        for (var received = 0; received < length;)
        {
            received = Math.Min(length, received + random.Next(1, 12));
            yield return received;
        }
    }
}
