using System.Text;
using Link.Flic;
using Link.Testing;
using Link.Wire.Support;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Flic;

/// <summary>What nodes of flic 1.3.7 wrote, given to a bridge of Link, which has to write what the original bridge wrote.</summary>
public sealed class BridgeReplayTests
{
    private const string HandMade = "hand-made-frames-to-bridge";

    // What reads of the original lose, the bad frame that closes a connection to Link, and a target that the original takes for a path.
    private static readonly int[] DifferentInHandMade = [12, 13, 15, 16, 65];

    // But for those in which no bridge of flic writes, or it is killed.
    private static readonly string[] ToBridges =
    [
        .. Recording.Flic.Where(line => line.To == "bridge" && line.Bytes.Length > 0).Select(line => line.Scenario).Distinct()
            .Where(scenario => scenario is not ("hand-made-frames-to-node" or "bridge-dies")),
    ];

    // Here a bridge of Link asks who sends, and lets early frames wait.
    private static readonly string[] OnTrust = ["duplicate-node", "tell-right-after-create", HandMade];

    public static TheoryData<string, bool> Scenarios()
    {
        var data = new TheoryData<string, bool>();
        foreach (var scenario in ToBridges)
        {
            data.Add(scenario, true);
            if (!OnTrust.Contains(scenario))
            {
                data.Add(scenario, false);
            }
        }

        return data;
    }

    [Fact]
    public void The_recordings_are_there() => Assert.True(ToBridges.Length >= 15, $"{ToBridges.Length}");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task A_bridge_writes_what_the_original_wrote(string scenario, bool compatible) =>
        ReplayAsync(scenario, compatible, bytes => [bytes]);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task A_bridge_reads_its_nodes_byte_by_byte(string scenario, bool compatible) =>
        ReplayAsync(scenario, compatible, bytes => [.. Connections.EveryByte(bytes)]);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_bridge_reads_its_nodes_in_two_pieces_cut_anywhere(string scenario, bool compatible)
    {
        var longest = Of(scenario).Where(line => line.To == "bridge").Max(line => line.Bytes.Length);
        for (var cut = 1; cut < longest; cut++)
        {
            await ReplayAsync(scenario, compatible, bytes => cut < bytes.Length ? [bytes[..cut], bytes[cut..]] : [bytes]);
        }
    }

    [Fact]
    public async Task What_a_node_tells_before_its_name_is_known_waits_where_the_original_loses_the_answer()
    {
        await using var bridge = new ReplayedBridge(compatible: false);
        var lines = Of("tell-right-after-create").Where(line => line.To == "bridge" && line.Bytes.Length > 0).ToList();
        foreach (var line in lines.Where(line => line.Connection == 1).Take(1).Concat(lines.Where(line => line.Connection == 2)))
        {
            await bridge.FeedAsync(line.Connection, [line.Bytes]);
        }

        // The recorded answer of the one that was told.
        await bridge.FeedAsync(1, [lines.Last(line => line.Connection == 1).Bytes]);

        Assert.Equal(["ACK", "TELL"], [MethodOf(await bridge.ReadAsync(1)), MethodOf(await bridge.ReadAsync(1))]);
        Assert.EndsWith("[null]]}", await bridge.ReadAsync(2), StringComparison.Ordinal);
        Assert.EndsWith("[\"unknown-node\"]]}", await bridge.ReadAsync(2), StringComparison.Ordinal);
        Assert.EndsWith("[null,\"ilovenodejs\"]]}", await bridge.ReadAsync(2), StringComparison.Ordinal);
    }

    private static IEnumerable<RecordedLine> Of(string scenario) => Recording.Of(Recording.Flic, scenario);

    private static string MethodOf(string? frame) => (string)JObject.Parse(frame!)["method"]!;

    private static async Task ReplayAsync(string scenario, bool compatible, Func<byte[], byte[][]> cut)
    {
        await using var bridge = new ReplayedBridge(compatible);
        var (ids, answered, isClosing) = (new Dictionary<string, string>(), new HashSet<string>(), false);
        foreach (var line in Of(scenario).Where(line => line.To is not null && (scenario != HandMade || !DifferentInHandMade.Contains(line.Sequence))))
        {
            if (line.To == "bridge")
            {
                await ActAsync(bridge, line, cut);
                continue;
            }

            if (line.Event == "fin")
            {
                Assert.Null(await bridge.ReadAsync(line.Connection));
                continue;
            }

            var expected = JObject.Parse(Encoding.UTF8.GetString(line.Bytes.AsSpan()[..^1]));
            if ((string)expected["method"]! == "CLOSE" && !isClosing)
            {
                isClosing = true;
                bridge.Close((JArray)expected["data"]!);
            }

            if (compatible || (string)expected["method"]! != "ACK" || answered.Add((string)expected["data"]![0]!))
            {
                AssertSame(Encoding.UTF8.GetString(line.Bytes.AsSpan()[..^1]), (await bridge.ReadAsync(line.Connection))!, ids);
            }
        }

        bridge.AssertNothingElseWasWritten();
    }

    private static Task ActAsync(ReplayedBridge bridge, RecordedLine line, Func<byte[], byte[][]> cut)
    {
        if (line.Event == "fin")
        {
            return bridge.FeedAsync(line.Connection, [null]);
        }

        // Where the original takes the end of a read for the end of a frame.
        var bytes = line.Bytes is [.., (byte)'}'] ? [.. line.Bytes, 0] : line.Bytes;
        return bridge.FeedAsync(line.Connection, cut(bytes));
    }

    /// <summary>The same bytes but for the id; frames that had the same id have the same again, others have not.</summary>
    private static void AssertSame(string expected, string actual, Dictionary<string, string> ids)
    {
        var (expectedId, actualId) = ((string)JObject.Parse(expected)["id"]!, (string)JObject.Parse(actual)["id"]!);
        Assert.Equal(expected, actual.Replace(actualId, expectedId, StringComparison.Ordinal));
        Assert.Matches("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", actualId);
        if (ids.TryAdd(expectedId, actualId))
        {
            Assert.Single(ids.Values, id => id == actualId);
        }

        Assert.Equal(actualId, ids[expectedId]);
    }
}
