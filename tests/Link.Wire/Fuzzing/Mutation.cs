using System.Text;

namespace Link.Wire.Fuzzing;

/// <summary>Changes a frame a little, as no writer would on purpose.</summary>
internal static class Mutation
{
    private static readonly byte[][] Snippets =
    [
        .. new[]
        {
            "\"", "\\", "\\\"", "\\\\", "{", "}", "[", "]", ",", ":", "\\u0041", "\\u0022", "\\u005c", "\\ud83d", "\\ude00", "\\u", "\\u12", "\\x", "null",
            "true", "id", "success", "sentBy", "data", "type", "message", "\"id\":1,", "\\\"id\\\":1,", "\\\"success\\\":true,", "é", "😀", " ", "\t", "\0", "1e5",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0xc0, 0x80],
    ];

    /// <summary>The frame with a few changes, and still without the delimiter.</summary>
    public static byte[] Of(byte[] frame, Random random, byte delimiter)
    {
        var bytes = frame.ToList();
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = random.Next(Math.Min(8, bytes.Count - at) + 1);
            switch (random.Next(6))
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
                case 3 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes.InsertRange(at, Snippets[random.Next(Snippets.Length)]);
                    break;
            }
        }

        bytes.RemoveAll(value => value == delimiter);
        return [.. bytes];
    }
}
