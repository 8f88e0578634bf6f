using System.Text;
using Link.Abstractions.Buffers;
using Link.Masterless.MessagePack;

namespace Link.Wire.MessagePack;

/// <summary>The codec under test, in hexadecimal and text.</summary>
internal static class Transcoded
{
    public static byte[] Bytes(string json)
    {
        using var output = new PooledBuffer();
        JsonToMessagePack.Write(output, Encoding.UTF8.GetBytes(json));
        return output.WrittenSpan.ToArray();
    }

    public static string Hex(string json) => Convert.ToHexStringLower(Bytes(json));

    public static string Json(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(MessagePackToJson.Read(bytes));

    public static string Json(string hex) => Json(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
}
