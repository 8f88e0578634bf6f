using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md, "Deviations": those that no single step shows.</summary>
public sealed class DeviationTests : SpecTests
{
    [Fact]
    public async Task A_server_can_send_to_itself()
    {
        var server = await StartAsync("test-one", Wire, message => message.ReplyAsync(new { ok = message.Data["n"] }));

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => server.SendAsync("test-one", new { n }))).Soon();

        Assert.Equal(Enumerable.Range(0, 20), replies.Select(reply => (int)reply["ok"]!));
    }

    [Fact]
    public async Task Crossed_requests_with_one_id_each_get_their_reply()
    {
        var bothAsked = new CountdownEvent(2);
        var go = Deadline.Signal();
        Func<Message, Task> Answering(string name) => async message =>
        {
            if (bothAsked.Signal())
            {
                go.SetResult();
            }

            await go.Task.Soon();
            await message.ReplyAsync(new { by = name });
        };
        var one = await StartAsync("test-one", Wire, Answering("one"));
        var two = await StartAsync("test-two", Wire, Answering("two"));

        var fromTwo = one.SendAsync("test-two", new { id = "k" });
        var fromOne = two.SendAsync("test-one", new { id = "k" });

        Assert.Equal("two", (string?)(await fromTwo.Soon())["by"]);
        Assert.Equal("one", (string?)(await fromOne.Soon())["by"]);
    }

    [Fact]
    public async Task A_rejection_without_an_error_object_has_no_code()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { why = "no" }, false));

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon());

        Assert.Null(rejection.Code);
    }
}
