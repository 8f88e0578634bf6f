using Link.Abstractions;
using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, Process One 11-14: the id and the bytes of a request.</summary>
public sealed partial class ProcessOneTests
{
    public static TheoryData<string, string> OwnIds() => new()
    {
        { "\"my-id-1\"", "my-id-1" },
        { "42", "42" },
        { "null", "null" },
        { "true", "true" },
        { "\"\"", "" },
    };

    [Theory, Step("One.11")]
    [MemberData(nameof(OwnIds))]
    public async Task An_id_in_the_data_becomes_the_id_of_the_request(string id, string asText)
    {
        var (_, peer, request, sent) = await AskAsync(JObject.Parse($"{{\"id\":{id},\"content\":\"Hello\"}}"));
        await peer.SendAsync($"{{\"success\":true,\"id\":{id}}}");

        Assert.Equal(id, request["id"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(id, request["data"]!["id"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(asText, (await sent.Soon()).Id);
    }

    [Fact, Step("One.11")]
    public async Task An_id_in_the_options_becomes_the_id_of_the_request()
    {
        var (_, peer, request, sent) = await AskAsync(new { n = 1 }, new SendOptions { Id = "mine" });
        await peer.SendAsync("{\"success\":true,\"id\":\"mine\"}");

        Assert.Equal("mine", (string?)request["id"]);
        Assert.Null(request["data"]!["id"]);
        Assert.Equal("mine", (await sent.Soon()).Id);
    }

    [Fact, Step("One.11")]
    public async Task Without_one_an_id_is_made_that_is_random_base36()
    {
        await StartAsync("test-two", Memory, Echo);
        var one = Make("test-one", Memory);
        var three = Make("test-three", Memory);

        var replies = await Task.WhenAll(
            Enumerable.Range(0, 500).SelectMany(n => new[] { one.SendAsync("test-two", new { n }), three.SendAsync("test-two", new { n }) })).Soon();

        Assert.Equal(1000, replies.Select(reply => reply.Id).Distinct().Count());
        Assert.All(replies, reply => Assert.Matches("^[0-9a-z]{13,}$", reply.Id));
    }

    [Fact, Step("One.11")]
    public async Task An_id_that_is_pending_is_refused()
    {
        var (sender, peer, _, sent) = await AskAsync(new { id = "dup", n = 1 });

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", new { id = "dup", n = 2 }).Soon());
        await peer.SendAsync("{\"success\":true,\"id\":\"dup\",\"to\":1}");

        Assert.Contains("dup", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, (int?)(await sent.Soon())["to"]);
    }

    [Theory, Step("One.11")]
    [InlineData("{\"id\":{}}")]
    [InlineData("{\"id\":[1]}")]
    public async Task An_id_that_is_an_object_or_an_array_is_refused(string data)
    {
        await StartAsync("test-two", Memory, Echo);
        var sender = Make("test-one", Memory);

        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", JObject.Parse(data)).Soon());
        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", Payload.FromJson(data)).Soon());
    }

    [Fact, Step("One.11")]
    public async Task Two_different_ids_are_refused()
    {
        await StartAsync("test-two", Memory, Echo);
        var sender = Make("test-one", Memory);

        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", new { id = "a" }, new SendOptions { Id = "b" }).Soon());
        Assert.Equal("a", (await sender.SendAsync("test-two", new { id = "a" }, new SendOptions { Id = "a" }).Soon()).Id);
    }

    [Fact, Step("One.12")]
    public async Task A_request_is_an_object_of_id_sentBy_and_data()
    {
        var (_, _, request, _) = await AskAsync(new { test = "Hello " });

        Assert.Equal(["id", "sentBy", "data"], request.Properties().Select(member => member.Name));
        Assert.Equal("test-one", (string?)request["sentBy"]);
        Assert.Equal("Hello ", (string?)request["data"]!["test"]);
    }

    [Fact, Step("One.12")]
    public async Task SentBy_is_the_id_of_the_options_when_one_is_given()
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire with { Id = "somebody" }).SendAsync("test-two", new { n = 1 });

        var request = await (await listener.AcceptAsync()).ReceiveAsync();

        Assert.Equal("somebody", (string?)request["sentBy"]);
    }

    [Fact, Step("One.13")]
    public async Task A_request_is_written_as_a_JavaScript_engine_writes_it()
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire).SendAsync("test-two", new { id = "u", s = "é漢😀 \f \0 \" \\ </> \u2028", n = 1.0 });

        var frame = await (await listener.AcceptAsync()).ReadAsync();

        Assert.Equal(
            """{"type":"message","data":"{\"id\":\"u\",\"sentBy\":\"test-one\",\"data\":{\"id\":\"u\",\"s\":\"é漢😀 \\f \\u0000 \\\" \\\\ </> """
                + "\u2028" + """\",\"n\":1}}"}""" + "\f",
            frame);
    }

    [Fact, Step("One.14")]
    public async Task A_request_is_the_text_in_one_frame_of_type_message()
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire).SendAsync("test-two", new { content = "Hello" }, new SendOptions { Id = "mwpmjyw9b" });

        var frame = await (await listener.AcceptAsync()).ReadAsync();

        Assert.Equal(
            """{"type":"message","data":"{\"id\":\"mwpmjyw9b\",\"sentBy\":\"test-one\",\"data\":{\"content\":\"Hello\"}}"}""" + "\f",
            frame);
    }

    [Fact, Step("One.14")]
    public async Task Requests_go_out_in_the_order_of_the_calls()
    {
        var (sender, peer, _, _) = await AskAsync(new { n = 0 });

        for (var n = 1; n <= 100; n++)
        {
            _ = sender.SendAsync("test-two", new { n });
        }

        for (var n = 1; n <= 100; n++)
        {
            Assert.Equal(n, (int?)(await peer.ReceiveAsync())["data"]!["n"]);
        }
    }
}
