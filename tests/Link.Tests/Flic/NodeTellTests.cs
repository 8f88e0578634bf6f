using Link.Abstractions;
using Link.Flic;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Flic;

/// <summary>Telling, shouting and answering over a bridge of Link.</summary>
public sealed class NodeTellTests
{
    [Fact]
    public async Task An_event_reaches_its_node_and_the_answer_comes_back()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        one.On("test_event", async message =>
        {
            Assert.Equal(("test_event", "two", 1, "test_param"), (message.Event, message.Sender, message.Arguments.Count, message.Arguments.As<string>(0)));
            await message.AcknowledgeAsync(null, "my-reply", new { k = 1 });
        });

        var answer = await Within.Deadline(two.TellAsync("one:test_event", "test_param"));

        Assert.Equal("""["my-reply",{"k":1}]""", answer.ToString());
        Assert.Equal((2, "my-reply", 1), (answer.Count, answer.As<string>(0), (int)answer[1]["k"]!));
    }

    [Fact]
    public async Task An_answer_without_arguments_is_an_answer()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync();
        node.On("none", message => message.AcknowledgeAsync());
        node.On("null", message => message.AcknowledgeAsync(null));
        node.On("undefined", message => message.AcknowledgeAsync(null, null));

        Assert.Equal("[]", (await Within.Deadline(node.TellAsync($"{node.Id}:none"))).ToString());
        Assert.Equal("[]", (await Within.Deadline(node.TellAsync($"{node.Id}:null"))).ToString());
        Assert.Equal("[null]", (await Within.Deadline(node.TellAsync($"{node.Id}:undefined"))).ToString());
    }

    [Theory]
    [InlineData("\"broken\"", "broken")]
    [InlineData("{\"code\":7}", null)]
    [InlineData("true", null)]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    public async Task An_answer_that_begins_with_an_error_is_thrown(string error, string? code)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("event", message => message.AcknowledgeAsync(Payload.FromJson(error), "unused"));

        var thrown = await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("node:event")));

        Assert.Equal(("node", code), (thrown.Node, thrown.Code));
        Assert.True(JToken.DeepEquals(JToken.Parse(error), thrown.Error));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task What_JavaScript_takes_for_false_is_no_error(string error)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("event", message => message.AcknowledgeAsync(Payload.FromJson(error), "result"));

        Assert.Equal("result", (await Within.Deadline(node.TellAsync("node:event"))).As<string>(0));
    }

    [Fact]
    public async Task An_unknown_node_is_told_at_once()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync();

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.TellAsync("nobody:event")));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (thrown.Error, thrown.Fate));
        Assert.Contains("unknown-node", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shout_reaches_all_others_and_has_nobody_to_answer()
    {
        await using var scene = await NodeScene.StartAsync();
        var heard = new[] { new TaskCompletionSource<FlicMessage>(), new TaskCompletionSource<FlicMessage>() };
        foreach (var source in heard)
        {
            (await scene.ConnectAsync()).On("news", message =>
            {
                source.SetResult(message);
                return Task.CompletedTask;
            });
        }

        var shouter = await scene.ConnectAsync();
        shouter.On("news", _ => throw new InvalidOperationException("A shout does not come back."));
        await shouter.ShoutAsync("news", 1, "two");

        foreach (var source in heard)
        {
            var message = await Within.Deadline(source.Task);
            Assert.Equal((null, "[1,\"two\"]"), (message.Sender, message.Arguments.ToString()));
            await Assert.ThrowsAsync<InvalidOperationException>(() => message.AcknowledgeAsync(null));
        }
    }

    [Theory]
    [InlineData("node")]
    [InlineData("a:b:c")]
    [InlineData("")]
    public async Task A_target_has_exactly_one_colon(string target)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => node.TellAsync(target));
        await Assert.ThrowsAsync<ArgumentException>(() => node.TellAndForgetAsync(target));
    }

    [Fact]
    public async Task The_event_of_a_target_may_be_empty()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("", message => message.AcknowledgeAsync(null, "heard"));

        Assert.Equal("heard", (await Within.Deadline(node.TellAsync("node:"))).As<string>(0));
        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.TellAsync(":event")))).Error);
    }

    [Fact]
    public async Task Of_several_answers_the_first_counts()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("event", async message =>
        {
            await message.AcknowledgeAsync(null, "first");
            await message.AcknowledgeAsync("second");
        });
        node.On("end", message => message.AcknowledgeAsync(null));
        var errors = new TaskCompletionSource<Exception>();
        node.Error += (_, e) => errors.TrySetResult(e.Error);

        Assert.Equal("first", (await Within.Deadline(node.TellAsync("node:event"))).As<string>(0));
        await Within.Deadline(node.TellAsync("node:end"));
        Assert.False(errors.Task.IsCompleted);
    }

    [Fact]
    public async Task A_burst_of_20_000_tells_comes_back_whole()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        one.On("double", message => message.AcknowledgeAsync(null, message.Arguments.As<int>(0) * 2));

        var answers = await Within.Deadline(
            Task.WhenAll(Enumerable.Range(0, 20_000).Select(number => two.TellAsync("one:double", number))), TimeSpan.FromMinutes(2));

        Assert.Equal(Enumerable.Range(0, 20_000).Select(number => number * 2), answers.Select(answer => answer.As<int>(0)));
    }

    [Fact]
    public async Task An_answer_of_a_mebibyte_arrives()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        one.On("much", message => message.AcknowledgeAsync(null, new string('ä', 1024 * 1024)));

        Assert.Equal(new string('ä', 1024 * 1024), (await Within.Deadline(two.TellAsync("one:much"))).As<string>(0));
    }
}
