using System.Globalization;
using Link.Abstractions.Buffers;

namespace Link.Abstractions.Json;

/// <summary>The JSON form that Node.js gives a byte buffer: <c>{"type":"Buffer","data":[1,2]}</c>.</summary>
internal static class NodeBuffer
{
    /// <summary>The value of the form's <c>type</c>.</summary>
    public const string TypeName = "Buffer";

    /// <summary>The form is an object that holds an array.</summary>
    public const int Depth = 2;

    private const int LongestItem = 4;

    /// <summary>Writes the form.</summary>
    public static void Write(PooledBuffer output, ReadOnlySpan<byte> bytes)
    {
        output.Write("{\"type\":\"Buffer\",\"data\":["u8);
        for (var index = 0; index < bytes.Length; index++)
        {
            var target = output.GetSpan(LongestItem);
            bytes[index].TryFormat(target, out var length, default, CultureInfo.InvariantCulture);
            target[length] = (byte)',';
            output.Advance(index == bytes.Length - 1 ? length : length + 1);
        }

        output.Write("]}"u8);
    }
}
