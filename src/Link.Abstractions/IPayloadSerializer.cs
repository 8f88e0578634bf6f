using System.Buffers;

namespace Link.Abstractions;

/// <summary>
/// Turns values into JSON and back. Implementations write the text a JavaScript peer would have written
/// (SPEC.md, "JSON text") and are safe for concurrent use.
/// </summary>
public interface IPayloadSerializer
{
    /// <summary>Writes <paramref name="value"/> as one UTF-8 JSON value without white space.</summary>
    /// <exception cref="LinkException">The value cannot be written as JSON (<see cref="LinkError.InvalidData"/>).</exception>
    void Serialize(IBufferWriter<byte> output, object? value);

    /// <summary>Reads one JSON value, at most 64 levels deep.</summary>
    /// <exception cref="LinkException">The JSON does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    T? Deserialize<T>(ReadOnlyMemory<byte> utf8);
}
