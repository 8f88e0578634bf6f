using System.Text.Json.Serialization;

namespace Link.Benchmarks.Peers;

/// <summary>The typed request.</summary>
internal sealed record Question
{
    /// <summary>Some text.</summary>
    [JsonPropertyName("content")]
    public string? Content { get; init; }
}

/// <summary>The typed answer.</summary>
internal sealed record Answer
{
    /// <summary>The same text.</summary>
    [JsonPropertyName("response")]
    public string? Response { get; init; }
}

/// <summary>Asks the server process about itself.</summary>
/// <param name="Connections">It answers once its quiet server has so many connections; negative: at once.</param>
/// <param name="Collect">Whether it collects garbage first.</param>
internal sealed record StateRequest(int Connections, bool Collect);

/// <summary>The state of the server process.</summary>
/// <param name="Allocated">Bytes allocated since it started.</param>
/// <param name="Managed">Managed bytes in use.</param>
/// <param name="Resident">Resident bytes.</param>
internal sealed record State(long Allocated, long Managed, long Resident);
