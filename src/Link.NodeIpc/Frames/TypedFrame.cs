using System.Text.Json;
using Link.Abstractions.Json;

namespace Link.NodeIpc.Frames;

/// <summary>Where the two members of a node-ipc frame stand in it. A member that is not there has the kind <see cref="JsonTokenType.None"/>.</summary>
/// <param name="TypeKind">What the type is; a string in most frames.</param>
/// <param name="Type">Its JSON text.</param>
/// <param name="DataKind">What the data are.</param>
/// <param name="Data">Their JSON text.</param>
internal readonly record struct TypedFrame(JsonTokenType TypeKind, Range Type, JsonTokenType DataKind, Range Data)
{
    /// <summary>Reads a frame: members in any order, others ignored, of a repeated one the last.</summary>
    /// <param name="frame">The content, valid UTF-8.</param>
    /// <param name="extraDepth">Levels allowed beyond those of user data.</param>
    /// <param name="members">Where they stand.</param>
    /// <returns>False for JSON that is no object.</returns>
    /// <exception cref="JsonException">The frame is not JSON.</exception>
    public static bool TryRead(ReadOnlySpan<byte> frame, int extraDepth, out TypedFrame members)
    {
        members = default;
        var walk = new JsonMembers(frame, extraDepth);
        if (!walk.TryEnter())
        {
            JsonMembers.RequireEnd(frame, extraDepth);
            return false;
        }

        while (walk.Next())
        {
            if (walk.NameIs("type"u8))
            {
                members = members with { TypeKind = walk.ValueType, Type = walk.Value };
            }
            else if (walk.NameIs("data"u8))
            {
                members = members with { DataKind = walk.ValueType, Data = walk.Value };
            }
        }

        return true;
    }
}
