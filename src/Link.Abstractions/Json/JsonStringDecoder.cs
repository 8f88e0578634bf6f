using System.Buffers;
using System.Text;

namespace Link.Abstractions.Json;

/// <summary>Turns the inside of a JSON string into a .NET string, lone surrogates included, which <see cref="System.Text.Json.Utf8JsonReader"/> refuses.</summary>
internal static class JsonStringDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What the text between the quotes stands for.</summary>
    /// <param name="content">Known to be well-formed, but for its encoding.</param>
    /// <param name="isEscaped">Whether there are escapes.</param>
    /// <exception cref="DecoderFallbackException">The text is not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> content, bool isEscaped) =>
        isEscaped ? Decode(content, Strict) : Strict.GetString(content);

    /// <summary>What the text between the quotes stands for; a bad escape becomes U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<byte> content, Encoding encoding)
    {
        var chars = ArrayPool<char>.Shared.Rent(content.Length);
        try
        {
            var length = 0;
            while (!content.IsEmpty)
            {
                var run = content.IndexOf((byte)'\\');
                run = run < 0 ? content.Length : run;
                length += encoding.GetChars(content[..run], chars.AsSpan(length));
                content = content[run..];
                if (!content.IsEmpty)
                {
                    chars[length++] = JsonText.DecodeEscape(content, out var read);
                    content = content[read..];
                }
            }

            return new string(chars, 0, length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
