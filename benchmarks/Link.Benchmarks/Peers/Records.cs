using System.Text.Json.Serialization;

namespace Link.Benchmarks.Peers;

/// <summary>The typed request.</summary>
internal sealed record Question([property: JsonPropertyName("content")] string Content);

/// <summary>The typed answer.</summary>
internal sealed record Answer([property: JsonPropertyName("response")] string Response);

/// <summary>Asks the server process about itself.</summary>
/// <param name="Connections">It answers once its quiet server has so many connections; negative: at once.</param>
/// <param name="Collect">Whether it collects garbage first.</param>
internal sealed record StateRequest(int Connections, bool Collect);

/// <summary>The state of the server process.</summary>
/// <param name="Allocated">Bytes allocated since it started.</param>
/// <param name="Managed">Managed bytes in use.</param>
/// <param name="Resident">Resident bytes.</param>
internal sealed record State(long Allocated, long Managed, long Resident);
