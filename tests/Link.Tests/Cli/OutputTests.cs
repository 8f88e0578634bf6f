using System.Text.Json.Nodes;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Tests.Cli;

public sealed class OutputTests
{
    private readonly StringWriter _standard = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void What_a_peer_sends_cannot_steer_the_terminal()
    {
        Open(isJson: false).Write("\e[2J{\"a\":\n\"\u009b2J\u007f\"}", _ => { });

        Assert.Equal(" [2J{\"a\": \"\\u009b2J\\u007f\"}\n", _standard.ToString());
    }

    [Theory]
    [InlineData('\u061c')]
    [InlineData('\u200e')]
    [InlineData('\u200f')]
    [InlineData('\u202a')]
    [InlineData('\u202e')]
    [InlineData('\u2066')]
    [InlineData('\u2069')]
    public void What_would_change_the_order_of_characters_is_escaped(char character) =>
        Assert.Equal($"user\\u{(int)character:x4}exe", Output.Clean($"user{character}exe"));

    [Fact]
    public void Cleaning_leaves_the_meaning_of_JSON_alone()
    {
        const string json = "{\r\n\t\"a\": \"\u202e\u0080\u007fé\\n\" }";

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Output.Clean(json))));
    }

    [Fact]
    public void A_long_line_stays_one_line()
    {
        var text = new string('x', 300_000);
        var output = Open(isJson: false);

        output.Write(text, _ => { });
        output.WriteBad(text, _ => { });

        Assert.Equal($"{text}\n{text}\n", _standard.ToString());
    }

    [Fact]
    public void A_failure_is_one_line_or_one_object()
    {
        var failure = new Failure(ExitCode.Failed, "Failed", "first\nsecond");

        Open(isJson: false).WriteError(failure);
        Open(isJson: true).WriteError(failure);

        Assert.Equal("link: first second\n{\"error\":\"Failed\",\"message\":\"first\\nsecond\"}\n", _error.ToString());
        Assert.Equal("", _standard.ToString());
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1500)]
    [InlineData("2m", 120_000)]
    [InlineData("0s", 0)]
    [InlineData("0", 0)]
    public void A_time_has_a_unit(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration.TryParse(text)?.Value);

    [Theory]
    [InlineData("3")]
    [InlineData("-3s")]
    [InlineData("s")]
    [InlineData("1,5s")]
    [InlineData("1e3s")]
    [InlineData("2h")]
    [InlineData("99999999999999999999999m")]
    public void Anything_else_is_no_time(string text) => Assert.Null(Duration.TryParse(text));

    [Theory]
    [InlineData("hello", "\"hello\"")]
    [InlineData("5", "5")]
    [InlineData("\"5\"", "\"5\"")]
    [InlineData("null", "null")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("{a:1}", "\"{a:1}\"")]
    public void An_argument_that_is_not_JSON_is_a_string(string argument, string json) =>
        Assert.Equal(json, JsonInput.ToToken(argument).ToString(Newtonsoft.Json.Formatting.None));

    private Output Open(bool isJson) => new(new ConsoleWriter(_standard, HasColours: false), new ConsoleWriter(_error, HasColours: false), isJson);
}
