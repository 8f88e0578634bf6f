using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Flic;

/// <summary>Writes arguments as JSON text.</summary>
internal static class Arguments
{
    /// <summary>An array of them.</summary>
    /// <exception cref="LinkException">One of them cannot be written (<see cref="LinkError.InvalidData"/>).</exception>
    public static byte[] Write(IReadOnlyList<object?> arguments, IPayloadSerializer serializer)
    {
        using var output = new PooledBuffer();
        output.Write("["u8);
        Append(output, arguments, serializer);
        output.Write("]"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An event and the arguments, joined by commas.</summary>
    /// <inheritdoc cref="Write(IReadOnlyList{object?}, IPayloadSerializer)"/>
    public static byte[] Write(string name, IReadOnlyList<object?> arguments, IPayloadSerializer serializer)
    {
        using var output = new PooledBuffer();
        JsonText.WriteQuoted(output, name);
        output.Write(arguments.Count > 0 ? ","u8 : []);
        Append(output, arguments, serializer);
        return output.WrittenSpan.ToArray();
    }

    private static void Append(PooledBuffer output, IReadOnlyList<object?> arguments, IPayloadSerializer serializer)
    {
        for (var index = 0; index < arguments.Count; index++)
        {
            output.Write(index > 0 ? ","u8 : []);
            Append(output, arguments[index], serializer);
        }
    }

    private static void Append(PooledBuffer output, object? argument, IPayloadSerializer serializer)
    {
        switch (argument)
        {
            case CancellationToken:
                throw new ArgumentException("A token is no argument: give the arguments as a list, and the token after it.", nameof(argument));
            case Payload { IsEmpty: true }:
                output.Write("null"u8);
                break;
            case Payload payload when JsonText.IsValid(payload.Utf8.Span):
                output.Write(payload.Utf8.Span);
                break;
            case Payload:
                throw new LinkException(LinkError.InvalidData, "The payload is not one strict JSON value.");
            default:
                var start = output.Length;
                serializer.Serialize(output, argument);
                output.Write(output.Length == start ? "null"u8 : []);
                break;
        }
    }
}
