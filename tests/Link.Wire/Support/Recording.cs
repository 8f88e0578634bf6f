using System.Text;
using System.Text.Json;

namespace Link.Wire.Support;

/// <summary>One line of a recording: bytes that were written, or something that a peer reported.</summary>
/// <param name="Scenario">What was being recorded.</param>
/// <param name="Sequence">The place in the scenario.</param>
/// <param name="Connection">Which connection of the scenario; 0 where it has only one.</param>
/// <param name="From">Who wrote or reported.</param>
/// <param name="To">Who received, or null.</param>
/// <param name="Event">What was reported, or null.</param>
/// <param name="Value">The JSON text of what was reported, or null.</param>
/// <param name="Bytes">What was written; empty for a report.</param>
internal sealed record RecordedLine(
    string Scenario, int Sequence, int Connection, string From, string? To, string? Event, string? Value, byte[] Bytes)
{
    public override string ToString() => $"{Scenario} {Sequence}";
}

/// <summary>All bytes that one side of a recorded connection wrote to the other, in order.</summary>
/// <param name="Scenario">What was being recorded.</param>
/// <param name="Writes">One entry per write of the original.</param>
/// <param name="Dialled">Whether the receiver had dialled, so that what it receives are replies.</param>
internal sealed record RecordedStream(string Scenario, IReadOnlyList<RecordedLine> Writes, bool Dialled)
{
    public byte[] Bytes => [.. Writes.SelectMany(line => line.Bytes)];

    public override string ToString() => $"{Scenario}, {(Dialled ? "to the dialler" : "to the acceptor")}, from {Writes[0].Sequence}";
}

/// <summary>What the original programs wrote and reported.</summary>
internal static class Recording
{
    /// <summary>ipc-link 0.0.1 on node-ipc 9.1.4.</summary>
    public static IReadOnlyList<RecordedLine> IpcLink { get; } = Read("ipc-link.jsonl");

    /// <summary>Plain node-ipc 9.1.4 over everything it has.</summary>
    public static IReadOnlyList<RecordedLine> NodeIpc { get; } = Read("node-ipc-9.1.4.jsonl");

    /// <summary>Plain node-ipc 1.2.2, and both versions together.</summary>
    public static IReadOnlyList<RecordedLine> NodeIpcOld { get; } = Read("node-ipc-1.2.2.jsonl");

    /// <summary>flic 1.3.7.</summary>
    public static IReadOnlyList<RecordedLine> Flic { get; } = Read("flic.jsonl");

    /// <summary>masterless 0.4.1.</summary>
    public static IReadOnlyList<RecordedLine> Masterless { get; } = Read("masterless.jsonl");

    /// <summary>masterless-msgpack 0.5.0, and single values as its encoder and decoder take them.</summary>
    public static IReadOnlyList<RecordedLine> MasterlessMessagePack { get; } = Read("masterless-msgpack.jsonl");

    /// <summary>Every stream of frames of plain node-ipc, of both versions.</summary>
    public static IReadOnlyList<RecordedStream> EventStreams { get; } =
    [
        .. StreamsOf(NodeIpc.Where(line => !line.Scenario.Contains("raw-buffer", StringComparison.Ordinal))),
        .. StreamsOf(NodeIpcOld),
    ];

    /// <summary>Every stream of bytes that went to a peer.</summary>
    public static IReadOnlyList<RecordedStream> Streams { get; } = [.. StreamsOf(IpcLink), .. StreamsOf(NodeIpc)];

    public static IEnumerable<RecordedLine> Of(IEnumerable<RecordedLine> lines, string scenario) =>
        lines.Where(line => line.Scenario == scenario);

    public static bool IsReply(RecordedLine line) => Encoding.UTF8.GetString(line.Bytes).Contains("\\\"success\\\":", StringComparison.Ordinal);

    private static IEnumerable<RecordedStream> StreamsOf(IEnumerable<RecordedLine> lines)
    {
        var connections = lines.GroupBy(line => (line.Scenario, line.Connection));
        foreach (var connection in connections)
        {
            var dialler = connection.FirstOrDefault(line => line.Event == "connect" && line.To is not null)?.From;
            var written = connection.Where(line => line.Bytes.Length > 0);
            foreach (var direction in written.GroupBy(line => line.From == line.To ? IsReply(line) : line.From != dialler))
            {
                yield return new RecordedStream(connection.Key.Scenario, [.. direction], Dialled: direction.Key);
            }
        }
    }

    private static List<RecordedLine> Read(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", file)).Select(Parse)];

    private static RecordedLine Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new RecordedLine(
            root.GetProperty("scenario").GetString()!,
            root.GetProperty("seq").GetInt32(),
            root.TryGetProperty("conn", out var connection) ? connection.GetInt32() : 0,
            root.GetProperty("from").GetString()!,
            root.TryGetProperty("to", out var to) ? to.GetString() : null,
            root.TryGetProperty("event", out var name) ? name.GetString() : null,
            root.TryGetProperty("value", out var value) ? value.GetRawText() : null,
            BytesOf(root));
    }

    private static byte[] BytesOf(JsonElement line)
    {
        if (line.TryGetProperty("bytes", out var text))
        {
            return Encoding.UTF8.GetBytes(text.GetString()!);
        }

        return line.TryGetProperty("hex", out var hex) ? Convert.FromHexString(hex.GetString()!) : [];
    }
}
