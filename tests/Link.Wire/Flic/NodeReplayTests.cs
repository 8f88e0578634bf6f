using System.Text;
using Link.Wire.Support;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Flic;

/// <summary>What the bridge of flic 1.3.7 wrote, given to a node of Link, which has to write what the original node wrote.</summary>
public sealed class NodeReplayTests
{
    // One that is refused goes on talking in flic, one that talks before it is registered waits in Link; the last is no node of flic.
    private static readonly string[] OtherThanRecorded = ["node_1 (second)", "anonymous", "raw"];

    public static TheoryData<string, int> Connections()
    {
        var data = new TheoryData<string, int>();
        var written = Recording.Flic.Where(line => line.To == "bridge" && line.Bytes.Length > 0 && !OtherThanRecorded.Contains(line.From));
        foreach (var (scenario, connection) in written.Select(line => (line.Scenario, line.Connection)).Distinct())
        {
            data.Add(scenario, connection);
        }

        return data;
    }

    [Fact]
    public void The_recordings_are_there() => Assert.True(Connections().Count >= 20, $"{Connections().Count}");

    [Theory]
    [MemberData(nameof(Connections))]
    public Task A_node_writes_what_the_original_wrote(string scenario, int connection) => ReplayAsync(scenario, connection, bytes => [bytes]);

    [Theory]
    [MemberData(nameof(Connections))]
    public Task A_node_reads_its_bridge_byte_by_byte(string scenario, int connection) =>
        ReplayAsync(scenario, connection, Support.Connections.EveryByte);

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task A_node_reads_its_bridge_in_two_pieces_cut_anywhere(string scenario, int connection)
    {
        var longest = Of(scenario, connection).Where(line => line.From == "bridge").Max(line => line.Bytes.Length);
        for (var cut = 1; cut < longest; cut++)
        {
            await ReplayAsync(scenario, connection, bytes => cut < bytes.Length ? [bytes[..cut], bytes[cut..]] : [bytes]);
        }
    }

    private static IEnumerable<RecordedLine> Of(string scenario, int connection) =>
        Recording.Of(Recording.Flic, scenario).Where(line => line.Connection == connection && line.Bytes.Length > 0);

    private static async Task ReplayAsync(string scenario, int connection, Func<byte[], IEnumerable<byte[]>> cut)
    {
        var lines = Of(scenario, connection).ToList();
        var told = Frames(lines.Where(line => line.From == "bridge")).ToList();
        var written = Frames(lines.Where(line => line.From != "bridge")).ToList();
        await using var node = new ReplayedNode((string)written[0]["nodeName"]!);
        var heard = Prepare(node, told, written);
        foreach (var line in lines)
        {
            if (line.From == "bridge")
            {
                await node.FeedAsync(line.Bytes, cut);
                await AssertRefusalsAsync(node, line);
                continue;
            }

            var recorded = Text(line);
            Assert.Equal(recorded, await node.ActAsync(JObject.Parse(recorded)));
        }

        await AssertAnswersAsync(node, told, written);
        await node.EndAsync();
        Assert.Equal(heard, node.Heard);
    }

    /// <summary>Has the node listen and answer as the recorded one.</summary>
    /// <returns>What it has to hear.</returns>
    private static List<string> Prepare(ReplayedNode node, List<JObject> told, List<JObject> written)
    {
        var heard = new List<string>();
        foreach (var name in told.Where(IsEvent).Select(NameOf).Distinct().Where(name => name != "none"))
        {
            node.Listen(name);
        }

        foreach (var frame in told)
        {
            if ((string)frame["method"]! == "CLOSE")
            {
                heard.Add("closed " + frame["data"]!.ToString(Formatting.None));
            }
            else if (IsEvent(frame) && NameOf(frame) != "none")
            {
                heard.Add($"{NameOf(frame)} {ArgumentsOf(frame)}");
                node.Answer(NameOf(frame), ArgumentsOf(frame), [.. AnswersTo(frame, written)]);
            }
        }

        return heard;
    }

    private static IEnumerable<string> AnswersTo(JObject told, List<JObject> written) => written
        .Where(frame => (string)frame["method"]! == "ACK" && JToken.DeepEquals(frame["data"]![1], told["data"]![1]))
        .Select(frame => frame["data"]![2]!.ToString(Formatting.None));

    /// <summary>Where nobody listens, or the handler fails, the original says nothing, and Link says so.</summary>
    private static async Task AssertRefusalsAsync(ReplayedNode node, RecordedLine line)
    {
        foreach (var frame in Frames([line]).Where(frame => IsEvent(frame) && (string)frame["method"]! == "TELL" && NameOf(frame) is "none" or "boom"))
        {
            var error = NameOf(frame) == "none" ? "unknown-event" : "handler-failed";
            Assert.Equal(error, (string?)JObject.Parse(await node.ReadAsync())["data"]![2]![0]);
        }
    }

    private static async Task AssertAnswersAsync(ReplayedNode node, List<JObject> told, List<JObject> written)
    {
        foreach (var id in written.Where(frame => (string)frame["method"]! == "TELL").Select(frame => (string)frame["id"]!))
        {
            if (told.FirstOrDefault(frame => (string)frame["method"]! == "ACK" && (string?)frame["data"]![0] == id) is not { } answer)
            {
                continue;
            }

            var arguments = (JArray)answer["data"]![1]!;
            var expected = arguments.FirstOrDefault() switch
            {
                null or { Type: JTokenType.Null } => new JArray(arguments.Skip(1)).ToString(Formatting.None),
                { Type: JTokenType.String } error when (string)error! == "unknown-node" => "NoSuchPeer",
                var error => error.ToString(Formatting.None),
            };
            Assert.Equal(expected, await node.ResultAsync(id));
        }
    }

    /// <summary>A TELL or SHOUT that has all it needs.</summary>
    private static bool IsEvent(JObject frame) => (string)frame["method"]! switch
    {
        "TELL" => frame["data"] is JArray { Count: 4 } data && data[3] is JArray,
        "SHOUT" => true,
        _ => false,
    };

    private static string NameOf(JObject frame) => (string)frame["data"]![(string)frame["method"]! == "TELL" ? 2 : 0]!;

    private static string ArgumentsOf(JObject frame) => (string)frame["method"]! == "TELL"
        ? frame["data"]![3]!.ToString(Formatting.None)
        : new JArray(frame["data"]!.Skip(1)).ToString(Formatting.None);

    private static IEnumerable<JObject> Frames(IEnumerable<RecordedLine> lines) =>
        string.Concat(lines.Select(line => Encoding.UTF8.GetString(line.Bytes))).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(text => text.EndsWith('}') && text.StartsWith('{')).Select(JObject.Parse);

    private static string Text(RecordedLine line) => Encoding.UTF8.GetString(line.Bytes).TrimEnd('\0');
}
