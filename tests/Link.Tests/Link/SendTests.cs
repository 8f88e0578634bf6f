using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;
using Newtonsoft.Json.Linq;

namespace Link.Tests;

public sealed class SendTests : ServerTest
{
    private sealed class Thing
    {
        public string Content { get; set; } = "";

        public int? Count { get; set; }
    }

    private sealed record Pair(int Left, int Right);

    // Names in JSON are these, to the letter.
    private sealed record Echoed<T>(bool success, string id, T data);

    public static TheoryData<object, string> Data => new()
    {
        { new { content = "a", nested = new { list = (int[])[1, 2] } }, """{"content":"a","nested":{"list":[1,2]}}""" },
        { new Thing { Content = "b", Count = 3 }, """{"Content":"b","Count":3}""" },
        { new Pair(1, 2), """{"Left":1,"Right":2}""" },
        { new Dictionary<string, object?> { ["Key"] = 1, ["null"] = null }, """{"Key":1,"null":null}""" },
        { new JObject { ["Any"] = "x" }, """{"Any":"x"}""" },
        { new JArray(1, "two"), """[1,"two"]""" },
        { (int[])[1, 2, 3], "[1,2,3]" },
        { new List<Pair> { new(1, 2) }, """[{"Left":1,"Right":2}]""" },
        { Payload.FromJson(""" {"a" : 1} """), """{"a":1}""" },
        { new { }, "{}" },
        { new JArray(), "[]" },
    };

    [Theory]
    [MemberData(nameof(Data))]
    public async Task Data_may_be_anything_that_makes_an_object_or_an_array(object data, string json)
    {
        var caller = await CallerOfEchoAsync();
        var expected = JToken.Parse(json);
        for (var round = 0; round < 2; round++)
        {
            var reply = await Within.Deadline(caller.SendAsync("peer", data));
            Assert.True(Equivalent(expected, reply["data"]!), reply.ToString());
            Assert.Equal("caller", (string?)reply["from"]);
        }
    }

    public static TheoryData<object> NoData => [
        "text", 42, 4.5, true, 'c', DateTimeKind.Utc, JValue.CreateNull(), new JValue("text"), default(Payload), Payload.FromJson("null"),
        Payload.FromJson("\"{}\""), Payload.FromJson("1"), new Payload("{\"a\":"u8.ToArray()), new Payload("[1,]"u8.ToArray()),
        new Payload("[1]]"u8.ToArray()), new Payload("{}{}"u8.ToArray()), new Payload("["u8.ToArray()), new Payload("nonsense"u8.ToArray())];

    [Theory]
    [MemberData(nameof(NoData))]
    public async Task Data_that_makes_neither_an_object_nor_an_array_is_refused(object data)
    {
        var caller = await CallerOfEchoAsync();
        for (var round = 0; round < 2; round++)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(caller.SendAsync("peer", data)));
            await Within.Deadline(caller.ConnectToAsync("peer"));
        }

        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    [Fact]
    public async Task Data_and_peer_must_be_given()
    {
        var caller = await CallerOfEchoAsync();
        await Assert.ThrowsAsync<ArgumentNullException>(() => caller.SendAsync("peer", (object)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => caller.SendAsync<Pair>("peer", null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => caller.SendAsync("peer", new { }, null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => caller.SendAsync(null!, new { }));
        await Assert.ThrowsAsync<ArgumentException>(() => caller.SendAsync("", new { }));
        await Assert.ThrowsAsync<ArgumentException>(() => caller.SendAsync("", Payload.FromJson("{}")));
        await Assert.ThrowsAsync<ArgumentException>(() => caller.ConnectToAsync(""));
    }

    [Fact]
    public async Task A_reply_may_be_converted()
    {
        var caller = await CallerOfEchoAsync();
        var reply = await Within.Deadline(caller.SendAsync<Echoed<Pair>>("peer", new Pair(3, 4)));
        Assert.True(reply.success);
        Assert.Equal(new Pair(3, 4), reply.data);
        reply = await Within.Deadline(caller.SendAsync<Echoed<Pair>>("peer", new Pair(5, 6), new SendOptions { Id = "mine" }));
        Assert.Equal(new Echoed<Pair>(true, "mine", new Pair(5, 6)), reply);
    }

    [Fact]
    public async Task A_reply_that_does_not_fit_is_invalid_data()
    {
        var caller = await CallerOfEchoAsync();
        await FailsAsync(LinkError.InvalidData, RequestFate.Unknown, () => caller.SendAsync<Echoed<int>>("peer", new { a = 1 }));
    }

    [Fact]
    public async Task Another_serializer_may_be_used()
    {
        var caller = await CallerOfEchoAsync(Options() with { Serializer = SystemTextJsonSerializer.Default });
        var reply = await Within.Deadline(caller.SendAsync<Echoed<Pair>>("peer", new Pair(3, 4)));
        Assert.Equal(new Pair(3, 4), reply.data);
    }

    [Fact]
    public async Task The_sender_may_write_another_name()
    {
        var caller = await CallerOfEchoAsync(Options() with { Id = "somebody" });
        Assert.Equal("somebody", (string?)(await Within.Deadline(caller.SendAsync("peer", new { })))["from"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public async Task A_timeout_is_positive_or_infinite(int milliseconds)
    {
        var caller = await CallerOfEchoAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => caller.SendAsync("peer", new { }, new SendOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) }));
    }

    public static TheoryData<TimeSpan> LongTimeouts => [
        Timeout.InfiniteTimeSpan, TimeSpan.FromDays(25), TimeSpan.FromDays(60), TimeSpan.FromDays(9_999), TimeSpan.MaxValue];

    [Theory]
    [MemberData(nameof(LongTimeouts))]
    public async Task A_timeout_may_be_as_long_as_can_be(TimeSpan timeout)
    {
        var caller = await CallerOfEchoAsync(Options() with { WaitForPeer = timeout, RequestTimeout = timeout });
        Assert.True((await Within.Deadline(caller.SendAsync("peer", new { }))).Success);
        var other = Create("other");
        Assert.True((await Within.Deadline(other.SendAsync("peer", new { }, new SendOptions { Timeout = timeout }))).Success);
        Assert.True((await Within.Deadline(other.SendAsync("peer", new { }, new SendOptions { Timeout = timeout }))).Success);
    }

    [Fact]
    public async Task Data_outlives_a_write_that_is_not_accepted_at_once()
    {
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connection = new FakeConnection("peer") { Acceptance = accepted.Task };
        var server = Create("one", Options() with { Transport = new FakeTransport(connection).Object });
        var calls = Enumerable.Range(0, 20).Select(number =>
            server.SendAsync("peer", new { number, text = new string((char)('a' + number), 100) }, new SendOptions { Id = $"{number}" })).ToList();
        await Within.Until(() => server.Statistics.PendingRequests == calls.Count);
        accepted.SetResult();
        foreach (var _ in calls)
        {
            var (id, text) = await connection.Written.NextAsync();
            var number = int.Parse(id.ToString(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($$"""{"number":{{number}},"text":"{{new string((char)('a' + number), 100)}}"}""", text);
            connection.Answer(id);
        }

        await Within.Deadline(Task.WhenAll(calls));
    }

    private static bool Equivalent(JToken left, JToken right) => JToken.DeepEquals(left, right);
}
