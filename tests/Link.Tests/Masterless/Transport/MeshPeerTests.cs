using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Masterless.Transport;

/// <summary>A server and plain nodes by hand: what they can do, and what they cannot.</summary>
public sealed class MeshPeerTests : MeshScene
{
    [Fact]
    public async Task A_plain_node_is_asked_and_answers()
    {
        using var host = Listen("plain");
        var sent = Make("one").SendAsync("plain", new { content = "Hello" });
        using var plain = await host.AcceptAsync("plain");
        var request = await plain.ReadAsync();

        await plain.SendAsync($$"""{"id":"{{request["id"]}}","success":true,"answer":42}""");

        Assert.Equal("Hello", (string?)request["data"]?["content"]);
        Assert.Equal(42, (int?)(await Within.Deadline(sent))["answer"]);
    }

    [Fact]
    public async Task A_plain_node_that_has_connected_asks_and_is_asked()
    {
        var server = await StartAsync("server", Echo);
        using var plain = await JoinAsync("server", "no-address");

        await plain.SendAsync("""{"id":7,"data":{"x":1}}""");
        var reply = await plain.ReadAsync();
        var sent = server.SendAsync("no-address", new { });
        var request = await plain.ReadAsync();
        await plain.SendAsync($$"""{"success":true,"id":"{{request["id"]}}"}""");

        Assert.Equal("""{"success":true,"id":7,"data":{"x":1},"from":null,"peer":"no-address"}""", reply.ToString(Newtonsoft.Json.Formatting.None));
        await Within.Deadline(sent);
    }

    [Fact]
    public async Task A_plain_node_that_does_not_keep_stays_connected()
    {
        await StartAsync("server", Echo);
        using var plain = await JoinAsync("server", "plain");

        await plain.SendAsync("[false]", "[false]", "true", "[]", """{"id":1}""");

        Assert.Equal(1, (int?)(await plain.ReadAsync())["id"]);
    }

    [Fact]
    public async Task A_reply_counts_only_from_the_one_who_was_asked_and_once()
    {
        var server = await StartAsync("server");
        using var asked = await JoinAsync("server", "asked");
        using var other = await JoinAsync("server", "other");
        var sent = server.SendAsync("asked", new { });
        var id = (string?)(await asked.ReadAsync())["id"];

        await other.SendAsync($$"""{"id":"{{id}}","success":true,"by":"other"}""");
        await Within.Until(() => server.Statistics.UnknownReplies == 1);
        Assert.False(sent.IsCompleted);
        await asked.SendAsync($$"""{"id":"{{id}}","success":true,"by":"asked"}""", $$"""{"id":"{{id}}","success":false}""", """{"success":true}""");

        Assert.Equal("asked", (string?)(await Within.Deadline(sent))["by"]);
        await Within.Until(() => server.Statistics.UnknownReplies == 3);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"true\"")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task Success_is_nothing_but_true(string success)
    {
        var server = await StartAsync("server");
        using var plain = await JoinAsync("server", "plain");
        var sent = server.SendAsync("plain", new { });
        var id = (await plain.ReadAsync())["id"];

        await plain.SendAsync($$"""{"id":"{{id}}","success":{{success}}}""");

        await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(sent));
    }

    [Fact]
    public async Task An_answer_without_success_is_a_request_and_ends_no_promise()
    {
        var server = await StartAsync("server", Echo);
        using var plain = await JoinAsync("server", "plain");
        var sent = server.SendAsync("plain", new { });
        var id = (await plain.ReadAsync())["id"];

        await plain.SendAsync($$"""{"id":"{{id}}","answer":42}""");

        // It is answered, as any request is.
        Assert.Equal(id, (await plain.ReadAsync())["id"]);
        Assert.False(sent.IsCompleted);
    }

    [Fact]
    public async Task The_same_id_may_be_asked_twice_and_by_two()
    {
        await StartAsync("server", Echo);
        using var one = await JoinAsync("server", "one");
        using var two = await JoinAsync("server", "two");

        await one.SendAsync("""{"id":"a","data":1}""", """{"id":"a","data":2}""");
        await two.SendAsync("""{"id":"a","data":3}""");

        Assert.Equal([1, 2], new[] { (int?)(await one.ReadAsync())["data"], (int?)(await one.ReadAsync())["data"] }.Order());
        Assert.Equal(3, (int?)(await two.ReadAsync())["data"]);
    }

    [Fact]
    public async Task Whoever_signs_with_another_name_is_known_by_its_own()
    {
        await StartAsync("server", Echo);
        using var plain = await JoinAsync("server", "plain");

        await plain.SendAsync("""{"id":"a","sentBy":"somebody else"}""");

        var reply = await plain.ReadAsync();
        Assert.Equal("somebody else", (string?)reply["from"]);
        Assert.Equal("plain", (string?)reply["peer"]);
    }

    [Fact]
    public async Task A_second_node_of_the_same_name_is_refused_and_the_first_goes_on()
    {
        await StartAsync("server", Echo);
        using var first = await JoinAsync("server", "plain");

        Assert.Null(await MeshPeer.TryDialAsync(Table["server"], "plain"));
        Assert.Null(await MeshPeer.TryDialAsync(Table["server"], "server"));

        await first.SendAsync("""{"id":"a"}""");
        Assert.Equal("a", (string?)(await first.ReadAsync())["id"]);
    }

    [Fact]
    public async Task Who_answers_under_another_name_than_was_dialled_is_not_asked()
    {
        using var host = Listen("plain");
        var sent = Make("one").SendAsync("plain", new { });
        var plain = await host.AcceptAsync("other");

        var failure = await FailsAsync(LinkError.NoSuchPeer, () => sent);

        Assert.Contains("other", failure.Message, StringComparison.Ordinal);
        plain.Dispose();
    }

    [Fact]
    public async Task What_is_no_object_is_dropped_and_reported()
    {
        var transport = await BindAsync("server");
        using var plain = await JoinAsync("server", "plain");
        var connection = await AcceptAsync(transport);

        await plain.SendAsync("\"text\"", "5", "false", """{"id":"a"}""");

        Assert.Equal("a", (await Within.Deadline(connection.ReadAsync()))?.Id.ToString());
        for (var count = 0; count < 3; count++)
        {
            Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(transport.Faults.ReadAsync())).Error);
        }
    }

    [Theory]
    [InlineData("{\"id\":1,}")]
    [InlineData("{\"id\":1} {\"id\":2}")]
    [InlineData("{'id':1}")]
    [InlineData("nothing")]
    [InlineData("")]
    [InlineData("{\"id\":\"\u0001\"}")]
    public async Task What_is_not_JSON_ends_the_connection_and_no_other(string line)
    {
        var transport = await BindAsync("server");
        using var other = await JoinAsync("server", "other");
        var connectionOfOther = await AcceptAsync(transport);
        using var plain = await JoinAsync("server", "plain");
        var connection = await AcceptAsync(transport);

        await plain.SendAsync("""{"id":"before"}""", line, """{"id":"after"}""");

        Assert.Equal("before", (await Within.Deadline(connection.ReadAsync()))?.Id.ToString());
        var failure = await FailsAsync(LinkError.ProtocolViolation, async () => await connection.ReadAsync());
        Assert.Contains("plain", failure.Message, StringComparison.Ordinal);
        Assert.Null(await plain.ReadLineAsync());
        await other.SendAsync("""{"id":"fine"}""");
        Assert.Equal("fine", (await Within.Deadline(connectionOfOther.ReadAsync()))?.Id.ToString());
    }

    [Fact]
    public async Task A_connection_that_fails_before_it_is_read_tells_so_when_it_is()
    {
        var transport = await BindAsync("server");
        using var plain = await JoinAsync("server", "plain");
        await plain.SendAsync("[");
        Assert.Null(await plain.ReadLineAsync());

        var connection = await AcceptAsync(transport);

        await FailsAsync(LinkError.ProtocolViolation, async () => await connection.ReadAsync());
        await FailsAsync(LinkError.ConnectionLost, async () => await connection.WriteAsync(new Envelope { Kind = EnvelopeKind.Request }));
    }

    [Fact]
    public async Task A_node_that_was_reset_may_connect_again_before_anybody_has_read_it()
    {
        await BindAsync("server");
        for (var round = 0; round < 10; round++)
        {
            MeshPeer? plain = null;
            await Within.Until(async () =>
            {
                // Refused for as long as the end of the one before has not been noticed.
                plain = await MeshPeer.TryJoinAsync(Table["server"], "plain");
                return plain is not null;
            });
            plain!.Reset();
        }
    }

    [Fact]
    public async Task What_is_pending_at_a_plain_node_that_is_lost_fails_at_once()
    {
        var server = await StartAsync("server");
        using var plain = await JoinAsync("server", "plain");
        var sent = server.SendAsync("plain", new { });
        await plain.ReadAsync();

        plain.Reset();

        Assert.Equal(RequestFate.Unknown, (await FailsAsync(LinkError.ConnectionLost, () => sent)).Fate);
    }
}
