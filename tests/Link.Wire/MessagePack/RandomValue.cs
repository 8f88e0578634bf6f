using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Link.Abstractions.Json;

namespace Link.Wire.MessagePack;

/// <summary>Random MessagePack in any of its forms, the longer than needed too, beside the JSON text it must be read as.</summary>
internal sealed class RandomValue(Random random)
{
    private static readonly string[] Parts = ["a", "z", "é", "漢", "😀", "\"", "\\", "\n", "\0", "\u007f", "7", "-", "\u2028"];

    private readonly List<byte> _bytes = [];
    private readonly StringBuilder _json = new();

    /// <summary>A value of at most so many levels of arrays and maps; and perhaps of bytes, which are two levels more, inside them.</summary>
    public static (byte[] Bytes, string Json) Of(Random random, int depth)
    {
        var value = new RandomValue(random);
        value.Add(depth);
        return ([.. value._bytes], value._json.ToString());
    }

    private void Add(int depth)
    {
        switch (random.Next(depth > 0 ? 12 : 9))
        {
            case 0:
                AddConstant();
                break;
            case 1 or 2:
                _json.Append(AddInteger());
                break;
            case 3:
                _json.Append(Number(AddFloat()));
                break;
            case 4 or 5:
                _json.Append(Quoted(AddText()));
                break;
            case 6:
                _json.Append(AddBinary());
                break;
            case 7:
                _json.Append(AddExtension());
                break;
            case 8:
                _json.Append('"').Append(AddTime()).Append('"');
                break;
            case 9 or 10:
                AddMap(depth - 1);
                break;
            default:
                AddArray(depth - 1);
                break;
        }
    }

    private void AddConstant()
    {
        var which = random.Next(3);
        _bytes.Add((byte)(which == 0 ? 0xc0 : 0xc1 + which));
        _json.Append(new[] { "null", "false", "true" }[which]);
    }

    private string AddInteger()
    {
        var value = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
        var form = random.Next(9);
        switch (form)
        {
            case 0:
                _bytes.Add((byte)random.Next(-32, 128));
                return $"{(sbyte)_bytes[^1]}";
            case <= 4:
                var unsigned = (ulong)value & (ulong.MaxValue >> (64 - (8 << (form - 1))));
                AddHead((byte)(0xcb + form), (long)unsigned, 1 << (form - 1));
                return $"{unsigned}";
            default:
                var shift = 64 - (8 << (form - 5));
                AddHead((byte)(0xcb + form), value, 1 << (form - 5));
                return $"{value << shift >> shift}";
        }
    }

    private double AddFloat()
    {
        if (random.Next(2) == 0)
        {
            var single = random.Next(4) == 0 ? random.Next(-9, 9) / 4f : BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            AddHead(0xca, BitConverter.SingleToInt32Bits(single), 4);
            return single;
        }

        var value = random.Next(4) == 0 ? random.Next(-99, 99) / 4.0 : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        AddHead(0xcb, BitConverter.DoubleToInt64Bits(value), 8);
        return value;
    }

    private string AddText()
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(random.Next(20) == 0 ? 300 : 14)).Select(_ => Parts[random.Next(Parts.Length)]));
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length > 0 && random.Next(6) == 0)
        {
            utf8[random.Next(utf8.Length)] = (byte)random.Next(0x80, 0x100);
        }

        AddSize(utf8.Length, 31, 0xa0, 0xd9, 0xda);
        _bytes.AddRange(utf8);
        return Encoding.UTF8.GetString(utf8);
    }

    private string AddBinary()
    {
        var bytes = RandomBytes(random.Next(random.Next(20) == 0 ? 300 : 5));
        AddSize(bytes.Length, -1, 0, 0xc4, 0xc5);
        _bytes.AddRange(bytes);
        return Buffer(bytes);
    }

    private string AddExtension()
    {
        var type = (sbyte)random.Next(0, 127);
        var fixedLength = random.Next(5);
        byte[] bytes;
        if (random.Next(2) == 0)
        {
            bytes = RandomBytes(1 << fixedLength);
            _bytes.Add((byte)(0xd4 + fixedLength));
        }
        else
        {
            bytes = RandomBytes(random.Next(20));
            AddSize(bytes.Length, -1, 0, 0xc7, 0xc8);
        }

        _bytes.Add((byte)type);
        _bytes.AddRange(bytes);
        return $"{{\"type\":{type},\"data\":{Buffer(bytes)}}}";
    }

    private string AddTime()
    {
        var time = new DateTime(random.NextInt64(DateTime.UnixEpoch.Ticks, new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks), DateTimeKind.Utc);
        var seconds = (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        switch (random.Next(3))
        {
            case 0:
                time = DateTime.UnixEpoch.AddSeconds(seconds);
                _bytes.AddRange([0xd6, 0xff]);
                AddBigEndian(seconds, 4);
                break;
            case 1:
                time = new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
                _bytes.AddRange([0xd7, 0xff]);
                AddBigEndian((long)(((ulong)time.Millisecond * 1_000_000 << 34) | (ulong)seconds), 8);
                break;
            default:
                time = new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
                _bytes.AddRange([0xc7, 12, 0xff]);
                AddBigEndian(time.Millisecond * 1_000_000, 4);
                AddBigEndian(seconds, 8);
                break;
        }

        return time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
    }

    private void AddArray(int depth)
    {
        var count = random.Next(random.Next(10) == 0 ? 40 : 5);
        AddSize(count, 15, 0x90, 0, 0xdc);
        _json.Append('[');
        for (var index = 0; index < count; index++)
        {
            _json.Append(index > 0 ? "," : "");
            Add(depth);
        }

        _json.Append(']');
    }

    private void AddMap(int depth)
    {
        var count = random.Next(random.Next(10) == 0 ? 40 : 5);
        AddSize(count, 15, 0x80, 0, 0xde);
        _json.Append('{');
        for (var index = 0; index < count; index++)
        {
            _json.Append(index > 0 ? "," : "").Append(AddName()).Append(':');
            Add(depth);
        }

        _json.Append('}');
    }

    private string AddName()
    {
        switch (random.Next(8))
        {
            case 0:
                return $"\"{AddInteger()}\"";
            case 1:
                var value = AddFloat();
                return $"\"{(double.IsFinite(value) ? Number(value) : value.ToString(CultureInfo.InvariantCulture))}\"";
            case 2:
                return Quoted(AddExtension());
            case 3:
                return $"\"{AddTime()}\"";
            case 4:
                _bytes.AddRange([0xc4, 2, 0xc3, 0xa9]);
                return "\"é\"";
            case 5:
                _bytes.AddRange([0x92, 0x01, 0xa1, 0x61]);
                return "\"[1,\\\"a\\\"]\"";
            default:
                return Quoted(AddText());
        }
    }

    private byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private void AddSize(int size, int mostInOne, byte one, byte narrow, byte wide)
    {
        switch (random.Next(4))
        {
            case < 2 when size <= mostInOne:
                _bytes.Add((byte)(one | size));
                break;
            case < 3 when narrow != 0 && size <= byte.MaxValue:
                AddHead(narrow, size, 1);
                break;
            case 3:
                AddHead((byte)(wide + 1), size, 4);
                break;
            default:
                AddHead(wide, size, 2);
                break;
        }
    }

    private void AddHead(byte first, long value, int length)
    {
        _bytes.Add(first);
        AddBigEndian(value, length);
    }

    private void AddBigEndian(long value, int length)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        _bytes.AddRange(bytes[^length..]);
    }

    private static string Buffer(byte[] bytes) => $"{{\"type\":\"Buffer\",\"data\":[{string.Join(',', bytes)}]}}";

    private static string Quoted(string text) => Encoding.UTF8.GetString(JsonText.Quote(text));

    private static string Number(double value)
    {
        Span<byte> text = stackalloc byte[JavaScriptNumber.MaxLength];
        return Encoding.UTF8.GetString(text[..JavaScriptNumber.Format(value, text)]);
    }
}
