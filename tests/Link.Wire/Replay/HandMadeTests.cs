using Link.Abstractions;
using Link.Wire.Support;
using static Link.Wire.Support.Described;

namespace Link.Wire.Replay;

/// <summary>
/// Input that the original dies of, ignores or forgives: what SPEC.md ("Frames", Two.2, OneAgain.1) says that Link does with it,
/// written out by hand.
/// </summary>
public sealed class HandMadeTests
{
    [Fact]
    public async Task Hand_made_requests_have_what_their_text_has()
    {
        string[] expected =
        [
            Request("\"h1\"", "ghost", "{\"a\":1}"),
            Request(null, "ghost", "{\"a\":2}"),
            Request("\"h3\"", null, null),
            Dropped, // an array
            Dropped, // a number
            Dropped, // a string
            Violation, // {bad json}; what comes behind is not read
        ];
        Assert.Equal(expected, await ReceiveAsync("hand-made-requests", dialled: false));
    }

    [Fact]
    public async Task The_text_null_which_the_original_dies_of_is_dropped()
    {
        var request = Recording.Of(Recording.IpcLink, "hand-made-requests").Single(line => Connections.Text(line.Bytes).Contains("null"));
        Assert.Equal([Dropped, CleanEnd], await Connections.ReceiveAsync(request.Bytes, dialled: false));
        Assert.Equal([Dropped, CleanEnd], await Connections.ReceiveAsync(request.Bytes, dialled: true));
    }

    [Fact]
    public async Task Hand_made_replies_succeed_only_with_true()
    {
        string[] expected =
        [
            Reply("\"mwpmmlb1b\"", false, "{\"id\":\"mwpmmlb1b\"}"),
            Reply("\"mwpmmlb6b\"", false, "{\"id\":\"mwpmmlb6b\",\"success\":1}"),
            Reply("\"unknown\"", true, "{\"id\":\"unknown\",\"success\":true}"),
            Reply("\"mwpmmlb9b\"", true, "{\"success\":true,\"id\":\"mwpmmlb9b\"}"),
            Dropped, // null
            CleanEnd,
        ];
        Assert.Equal(expected, await ReceiveAsync("hand-made-replies", dialled: true));
    }

    [Fact]
    public async Task Replies_have_the_success_that_they_were_given()
    {
        string[] expected =
        [
            Reply("\"mwpmjzgzb\"", false, "{\"success\":false,\"id\":\"mwpmjzgzb\",\"why\":\"in data\"}"),
            Reply("\"mwpmjzh1b\"", false, "{\"success\":false,\"id\":\"mwpmjzh1b\",\"why\":\"data wins\"}"),
            Reply("\"mwpmjzh2b\"", false, "{\"success\":\"no\",\"id\":\"mwpmjzh2b\"}"),
            Reply("\"mwpmjzh2b\"", false, "{\"success\":null,\"id\":\"mwpmjzh2b\",\"a\":1}"),
            CleanEnd,
        ];
        Assert.Equal(expected, await ReceiveAsync("reply-success-in-data", dialled: true));
    }

    [Fact]
    public async Task Ids_keep_their_type()
    {
        string[] expected =
        [
            Request("\"my-id-1\"", "test-one", "{\"id\":\"my-id-1\",\"content\":\"Hello\"}"),
            Request("42", "test-one", "{\"id\":42}"),
            Request("null", "test-one", "{\"id\":null}"),
            CleanEnd,
        ];
        Assert.Equal(expected, await ReceiveAsync("send-with-own-id", dialled: false));
    }

    [Fact]
    public async Task Data_that_is_no_string_is_dropped() =>
        Assert.Equal([Dropped, CleanEnd], await ReceiveAsync("non-string-data-kills-receiver", dialled: false));

    [Fact]
    public async Task A_reserved_type_is_ignored_by_the_dialler() =>
        Assert.Equal([CleanEnd], await ReceiveAsync("spoofed-reserved-types", dialled: true));

    [Theory]
    [InlineData("reserved-types-to-server")]
    [InlineData("malformed-prototype-type")]
    [InlineData("unix-basic")]
    [InlineData("emit-while-connecting")]
    public async Task Other_types_than_message_are_ignored(string scenario) =>
        Assert.Equal([CleanEnd], await ReceiveAsync(scenario, dialled: false));

    [Fact]
    public async Task Plain_node_ipc_values_are_ignored_unless_they_have_no_type()
    {
        // The last two were emitted without a type and with the number 5 as type.
        Assert.Equal([Dropped, Dropped, CleanEnd], await ReceiveAsync("unix-value-forms", dialled: false));
    }

    [Theory]
    [InlineData(4, 4, CleanEnd)] // two in one write
    [InlineData(8, 9, CleanEnd)] // one in two writes
    [InlineData(12, 14, CleanEnd)] // one and the beginning of another
    [InlineData(18, 19, CleanEnd)] // cut inside a character
    [InlineData(22, 22, CleanEnd)] // a lone delimiter
    [InlineData(25, 25, CleanEnd)] // two delimiters
    [InlineData(29, 29, Violation)] // a delimiter inside a string
    [InlineData(33, 33, Violation)] // a NUL inside a string
    [InlineData(36, 36, Violation)] // a byte order mark
    [InlineData(39, 39, CleanEnd)] // white space around
    [InlineData(42, 42, Violation)] // an invalid byte
    public async Task Recorded_framing_is_read_as_the_specification_says(int first, int last, string end) =>
        Assert.Equal([end], await ReceiveAsync(Lines(Recording.NodeIpc, "framing", first, last), dialled: false));

    [Theory]
    [InlineData(3, Violation)]
    [InlineData(8, Dropped, CleanEnd)]
    [InlineData(11, Dropped, CleanEnd)]
    [InlineData(14, Dropped, CleanEnd)]
    [InlineData(17, Dropped, CleanEnd)]
    [InlineData(20, Dropped, CleanEnd)]
    [InlineData(23, CleanEnd)]
    [InlineData(26, Dropped, CleanEnd)]
    [InlineData(29, CleanEnd)]
    [InlineData(32, Dropped, CleanEnd)]
    [InlineData(35, Dropped, CleanEnd)]
    [InlineData(38, CleanEnd)]
    [InlineData(41, CleanEnd)]
    [InlineData(44, CleanEnd)]
    [InlineData(47, CleanEnd)]
    [InlineData(50, CleanEnd)]
    [InlineData(52, CleanEnd)]
    public async Task Recorded_malformed_frames_end_as_the_specification_says(int sequence, params string[] expected) =>
        Assert.Equal(expected, await ReceiveAsync(Lines(Recording.NodeIpc, "malformed", sequence, sequence), dialled: false));

    [Theory]
    [InlineData("{\"data\":\"{\\\"id\\\":1}\",\"type\":\"message\"}", "request id number 1 from nobody data none")]
    [InlineData("{\"type\":\"message\",\"x\":[{}],\"data\":\"{\\\"id\\\":1}\"}", "request id number 1 from nobody data none")]
    [InlineData("{\"ty\\u0070e\":\"mess\\u0061ge\",\"data\":\"{\\\"id\\\":1}\"}", "request id number 1 from nobody data none")]
    [InlineData("{\"type\":\"x\",\"type\":\"message\",\"data\":\"7\",\"data\":\"{\\\"id\\\":1}\"}", "request id number 1 from nobody data none")]
    [InlineData(" {\"type\" :\t\"message\",\r\n\"data\": \"{ \\\"id\\\" : 1 }\"} ", "request id number 1 from nobody data none")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"id\\\":1,\\\"id\\\":\\\"b\\\"}\"}", "request id string b from nobody data none")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"i\\\\u0064\\\":2}\"}", "request id number 2 from nobody data none")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"sentBy\\\":{},\\\"data\\\":null}\"}", "request id none from nobody data null")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"data\\\":\\\"\\ud800\\\"}\"}", "request id none from nobody data \"\ufffd\"")]
    [InlineData("{\"type\":\"message\",\"data\":\"\\ud83d\\ude00\"}", Dropped)]
    [InlineData("{\"type\":\"message\"}", Dropped)]
    [InlineData("{\"type\":\"message\",\"data\":\"\"}", Dropped)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}{}\"}", Dropped)]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"a\\\":1,}\"}", Dropped)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\"}{}", Violation)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\"", Violation)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\\x\"}", Violation)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\\u12g4\"}", Violation)]
    [InlineData("{\"type\":\"message\",\"data\":\"{}\\u+123\"}", Violation)]
    [InlineData("{\"type\":\"message\",\"data\":\"\\\"}", Violation)]
    [InlineData("{'type':'message'}", Violation)]
    [InlineData("{\"type\":\"message\",/**/\"data\":\"{}\"}", Violation)]
    [InlineData(" ", Violation)]
    public async Task Unusual_frames_are_read_as_the_specification_says(string frame, string first)
    {
        string[] expected = first == Violation ? [first] : [first, CleanEnd];
        Assert.Equal(expected, await Connections.ReceiveAsync([.. System.Text.Encoding.UTF8.GetBytes(frame), Connections.Delimiter], dialled: false));
    }

    private static IEnumerable<RecordedLine> Lines(IEnumerable<RecordedLine> lines, string scenario, int first, int last)
    {
        var found = Recording.Of(lines, scenario).Where(line => line.Bytes.Length > 0 && line.Sequence >= first && line.Sequence <= last).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static Task<List<string>> ReceiveAsync(IEnumerable<RecordedLine> lines, bool dialled) =>
        Connections.ReceiveAsync(lines.Select(line => line.Bytes), dialled);

    private static Task<List<string>> ReceiveAsync(string scenario, bool dialled) =>
        ReceiveAsync(Recording.Streams.Where(stream => stream.Scenario == scenario && stream.Dialled == dialled).SelectMany(stream => stream.Writes), dialled);
}
