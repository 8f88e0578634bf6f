using System.Text;
using Link.Abstractions;

namespace Link.NodeIpc.Events;

/// <summary>Turns the text of raw mode into bytes.</summary>
internal static class RawText
{
    /// <summary>The bytes that the text stands for.</summary>
    /// <exception cref="LinkException">The text is not in that encoding (<see cref="LinkError.InvalidData"/>).</exception>
    public static byte[] ToBytes(string text, IpcEncoding encoding)
    {
        try
        {
            return encoding switch
            {
                IpcEncoding.Utf8 => Encoding.UTF8.GetBytes(text),
                IpcEncoding.Utf16Le => Encoding.Unicode.GetBytes(text),
                IpcEncoding.Hex => Convert.FromHexString(text),
                IpcEncoding.Base64 => Convert.FromBase64String(text),
                _ => LowBytes(text),
            };
        }
        catch (FormatException exception)
        {
            throw new LinkException(LinkError.InvalidData, $"The text is not {encoding}: {exception.Message}", innerException: exception);
        }
    }

    private static byte[] LowBytes(string text)
    {
        var bytes = new byte[text.Length];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = unchecked((byte)text[index]);
        }

        return bytes;
    }
}
