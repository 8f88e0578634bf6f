using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Link.Tests.Faults;

/// <summary>Frames as an ipc-link peer writes them, and such as it would not write.</summary>
internal static class Frames
{
    private static readonly JsonSerializerOptions Raw = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A node-ipc frame with this inner text.</summary>
    public static string Message(string innerText) => $"{{\"type\":\"message\",\"data\":{JsonSerializer.Serialize(innerText, Raw)}}}\f";

    /// <summary>A request; the id and the data are JSON.</summary>
    public static string Request(string id, string data) => Message($"{{\"id\":{id},\"sentBy\":\"raw\",\"data\":{data}}}");

    /// <summary>A reply; the id is JSON, the members start with a comma.</summary>
    public static string Reply(string id, string members = "") => Message($"{{\"success\":true,\"id\":{id}{members}}}");

    /// <summary>Bytes written as characters of the same number.</summary>
    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    /// <summary>So many arrays, one in the other.</summary>
    public static string Nested(int levels) => new string('[', levels) + new string(']', levels);
}
