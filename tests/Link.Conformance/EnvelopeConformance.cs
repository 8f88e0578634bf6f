using System.Text;
using Link.Abstractions;

namespace Link.Conformance;

/// <summary>What <see cref="Envelope"/>, <see cref="RequestId"/>, <see cref="Payload"/> and the flow say of what arrives.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class EnvelopeConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    public static TheoryData<string> Ids => new(
        "\"a\"", "\"\"", "\"42\"", "42", "0", "-7", "1.5", "1e+21", "9007199254740993", "true", "false", "null",
        "\"with \\\" and \\\\ and \\n and \\f\"", "\"é漢😀\"", "\"\\u0001\"");

    public static TheoryData<string> Values => new(
        "{}",
        "[]",
        "[1,\"two\",null,true,{\"three\":3}]",
        """{"text":"é漢😀 and 𝄞"}""",
        "{\"raw\":\"\u007f\u0085\u2028\u2029\"}",
        """{"escaped":"\"\\\b\f\n\r\t\u0000\u001f"}""",
        """{"lone":"\ud800"}""",
        """{"number":9007199254740993,"one":1.0,"large":1e21,"small":1e-7,"zero":-0}""",
        """{"date":"2020-01-02T03:04:05.678Z","$type":"System.Object","id":"other","success":false,"data":{"type":"message"}}""",
        """{"b":1,"a":2,"10":3,"a":4}""");

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task An_id_comes_back_equal_in_both_directions(string json)
    {
        var id = RequestId.FromJson(Encoding.UTF8.GetBytes(json));
        var pair = await CreatePairAsync();
        foreach (var writer in Enum.GetValues<Writer>())
        {
            var (writing, reading) = pair.Ends(writer);
            var sent = Messages.WithId(reading, id);
            await WriteAsync(writing, sent);
            var received = await ReadAsync(reading);
            Assert.Equal(json, Encoding.UTF8.GetString(received.Id.Json.Span));
            Messages.AssertEqual(sent, received);
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_payload_arrives_as_it_was_written(string json)
    {
        var pair = await CreatePairAsync();
        foreach (var writer in Enum.GetValues<Writer>())
        {
            var (writing, reading) = pair.Ends(writer);
            var sent = Messages.Carrying(reading, json);
            await WriteAsync(writing, sent);
            Messages.AssertEqual(Messages.Carrying(reading, Subject.Arriving(json)), await ReadAsync(reading));
        }
    }

    [Theory]
    [InlineData(Writer.Dialler)]
    [InlineData(Writer.Acceptor)]
    public virtual async Task A_payload_of_a_mebibyte_arrives(Writer writer)
    {
        var (writing, reading) = (await CreatePairAsync()).Ends(writer);
        var text = string.Concat(Enumerable.Repeat("é漢😀\\\"\\n plain ", (1024 * 1024 / 20) + 1));
        var sent = Messages.Carrying(reading, $$"""{"text":"{{text}}"}""");
        Assert.True(sent.Payload.Utf8.Length >= 1024 * 1024);
        await AskForAsync(writing, reading, sent);
        await WriteAsync(writing, sent);
        Messages.AssertEqual(sent, await ReadAsync(reading));
        await AssertCarriesAsync(writing, reading);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("1", false)]
    [InlineData("null", false)]
    [InlineData("\"true\"", false)]
    public async Task Success_is_told_as_the_replier_wrote_it(string success, bool expected)
    {
        var pair = await CreatePairAsync();
        var reply = Messages.Reply(RequestId.FromString("id"), "{}", success);
        await AskForAsync(pair.Accepted, pair.Dialled, reply);
        await WriteAsync(pair.Accepted, reply);
        var received = await ReadAsync(pair.Dialled);
        Assert.Equal(expected, received.Success);
        Messages.AssertEqual(reply, received);
    }

    [Fact]
    public async Task A_request_goes_from_the_dialler_to_the_acceptor_and_its_reply_comes_back()
    {
        var pair = await CreatePairAsync();
        var request = Messages.Request(RequestId.FromString("id"), """{"content":"Hello"}""");
        await WriteAsync(pair.Dialled, request);
        var received = await ReadAsync(pair.Accepted);
        Messages.AssertEqual(request, received);

        var reply = Messages.Reply(received.Id, "\"Hello world!\"");
        await WriteAsync(pair.Accepted, reply);
        var answer = await ReadAsync(pair.Dialled);
        Messages.AssertEqual(reply, answer);
        Assert.Equal(request.Id, answer.Id);
    }

    [Fact]
    public async Task The_flow_is_told_truthfully()
    {
        var pair = await CreatePairAsync();
        Assert.True(Messages.Fits(pair.Accepted.Flow, EnvelopeKind.Request), "An accepted connection that yields no requests is of no use.");
        Assert.True(Messages.Fits(pair.Dialled.Flow, EnvelopeKind.Reply), "A dialled connection that yields no replies is of no use.");
        if (pair.Dialled.Flow == EnvelopeFlow.Both)
        {
            // Requests and replies pass each other, both ways.
            var request = Messages.Request(RequestId.FromString("back"), "{}");
            await WriteAsync(pair.Accepted, request);
            Messages.AssertEqual(request, await ReadAsync(pair.Dialled));
            var reply = Messages.Reply(RequestId.FromString("back"), "{}");
            await WriteAsync(pair.Dialled, reply);
            Messages.AssertEqual(reply, await ReadAsync(pair.Accepted));
        }
    }

    [Fact]
    public async Task Equal_ids_on_two_connections_stay_apart()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        var second = await ConnectAsync(Again(dialler), name);
        var secondAccepted = await AcceptAsync(acceptor);
        var id = RequestId.FromString("same");

        var toSecond = Messages.Reply(id, "2");
        var toFirst = Messages.Reply(id, "1");
        await AskForAsync(firstAccepted, first, toFirst);
        await AskForAsync(secondAccepted, second, toSecond);
        await WriteAsync(secondAccepted, toSecond);
        await WriteAsync(firstAccepted, toFirst);
        Messages.AssertEqual(toFirst, await ReadAsync(first));
        Messages.AssertEqual(toSecond, await ReadAsync(second));
    }
}
