using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

namespace Link.Abstractions.Json;

/// <summary>The contracts of Newtonsoft.Json, with the JavaScript form for byte arrays. Safe for concurrent use.</summary>
internal sealed class BufferContractResolver : DefaultContractResolver
{
    private static readonly NewtonsoftBufferConverter Converter = new();

    private BufferContractResolver()
    {
    }

    /// <summary>The only one: it remembers the contracts of the types it has seen.</summary>
    public static BufferContractResolver Instance { get; } = new();

    /// <inheritdoc/>
    protected override JsonConverter? ResolveContractConverter(Type objectType) =>
        objectType == typeof(byte[]) ? Converter : base.ResolveContractConverter(objectType);
}
