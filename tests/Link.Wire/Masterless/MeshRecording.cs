using System.Text;
using System.Text.Json;
using Link.Masterless;
using Link.Masterless.MessagePack;
using Link.Wire.Support;

namespace Link.Wire.Masterless;

/// <summary>What the originals of the mesh wrote and reported.</summary>
internal static class MeshRecording
{
    private static readonly Dictionary<MeshFormat, IReadOnlyList<RecordedLine>> Files = new()
    {
        [MeshFormat.Json] = Recording.Masterless,
        [MeshFormat.MessagePack] = Recording.MasterlessMessagePack,
    };

    /// <summary>The ids of those who took part.</summary>
    public static IReadOnlyDictionary<string, string> Ids { get; } = new Dictionary<string, string>
    {
        ["left"] = "e4663c9c3f9a89112afc48389a951e09",
        ["right"] = "b073a8ee09e1daca57e9d54a5efe5684",
        ["mid"] = "67d2cb3db178bc5ca7d9f7157e3119aa",
    };

    /// <summary>The ports they announced.</summary>
    public static IReadOnlyDictionary<string, int> Ports { get; } = new Dictionary<string, int> { ["left"] = 18301, ["right"] = 18302, ["mid"] = 18303 };

    /// <summary>Every scenario with every side that Link can stand for: one that spoke with others over connections.</summary>
    public static TheoryData<MeshFormat, string, string> Roles
    {
        get
        {
            var roles = new TheoryData<MeshFormat, string, string>();
            foreach (var (format, lines) in Files)
            {
                var connects = lines.Where(line => line is { Event: "connect", To: not null } && line.From != line.To);
                foreach (var (scenario, side) in connects.SelectMany(line => new[] { (line.Scenario, line.From), (line.Scenario, line.To!) }).Distinct())
                {
                    // In these, mid is made by hand and does what no node does.
                    if (Ids.ContainsKey(side) && !(side == "mid" && scenario.StartsWith("raw-server", StringComparison.Ordinal)))
                    {
                        roles.Add(format, scenario, side);
                    }
                }
            }

            return roles;
        }
    }

    public static IReadOnlyList<RecordedLine> Of(MeshFormat format, string scenario) => [.. Recording.Of(Files[format], scenario)];

    /// <summary>All that one side of a connection wrote, for each connection of each scenario.</summary>
    public static IEnumerable<byte[]> Streams(MeshFormat format) =>
        from line in Files[format]
        where line.Bytes.Length > 0 && line.To is not (null or "wire" or "decoder")
        group line by (line.Scenario, line.Connection, line.From) into stream
        select stream.SelectMany(line => line.Bytes).ToArray();

    /// <summary>A packet as JSON text.</summary>
    public static string Json(MeshFormat format, byte[] packet) =>
        Encoding.UTF8.GetString(format == MeshFormat.Json ? packet.AsSpan()[..^2] : MessagePackToJson.Read(packet));

    /// <summary>The random priority in a packet, or null.</summary>
    public static double? RandomPriority(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("priority", out var priority) &&
            priority.ValueKind == JsonValueKind.Number && priority.GetDouble() is > 0 and < 1 and var value ? value : null;
    }
}
