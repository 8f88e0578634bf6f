using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions.Json;

namespace Link.Flic.Frames;

/// <summary>Where the members of a flic frame stand in it; an empty memory is a member that is not there (SPEC.md, "flic: frames").</summary>
/// <param name="Method">What the frame is.</param>
/// <param name="Id">The JSON text of its id.</param>
/// <param name="Data">The JSON text of its data, if that is an array.</param>
/// <param name="NodeName">The JSON text of the name, if that is a string.</param>
internal readonly record struct FlicFrame(
    FlicMethod Method, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> NodeName)
{
    // The frame's object, its data, and the arguments inside those.
    private const int LevelsAroundUserData = 3;

    /// <summary>Reads a frame: members in any order, others ignored, of a repeated one the last.</summary>
    /// <param name="content">The content without its delimiter; the result points into it.</param>
    /// <param name="frame">The members.</param>
    /// <returns>False for JSON that is no object.</returns>
    /// <exception cref="JsonException">The content is not JSON in UTF-8, or too deep.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> content, out FlicFrame frame)
    {
        frame = default;
        if (!Utf8.IsValid(content.Span))
        {
            throw new JsonException("The frame is not valid UTF-8.");
        }

        var walk = new JsonMembers(content.Span, LevelsAroundUserData);
        if (!walk.TryEnter())
        {
            JsonMembers.RequireEnd(content.Span, LevelsAroundUserData);
            return false;
        }

        while (walk.Next())
        {
            var value = content[walk.Value];
            if (walk.NameIs("id"u8))
            {
                frame = frame with { Id = value };
            }
            else if (walk.NameIs("method"u8))
            {
                frame = frame with { Method = walk.ValueType == JsonTokenType.String ? MethodOf(value.Span) : FlicMethod.Unknown };
            }
            else if (walk.NameIs("data"u8))
            {
                frame = frame with { Data = walk.ValueType == JsonTokenType.StartArray ? value : default };
            }
            else if (walk.NameIs("nodeName"u8))
            {
                frame = frame with { NodeName = walk.ValueType == JsonTokenType.String ? value : default };
            }
        }

        return true;
    }

    private static FlicMethod MethodOf(ReadOnlySpan<byte> quoted) => JsonText.Unquote(quoted) switch
    {
        "TELL" => FlicMethod.Tell,
        "ACK" => FlicMethod.Ack,
        "SHOUT" => FlicMethod.Shout,
        "IDENT" => FlicMethod.Ident,
        "LEAVE" => FlicMethod.Leave,
        "CLOSE" => FlicMethod.Close,
        "LINK" => FlicMethod.Link,
        _ => FlicMethod.Unknown,
    };
}
