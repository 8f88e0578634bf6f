using System.Text.Json;
using Link.Abstractions;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Docs.Examples;

/// <summary>The examples of request-and-reply.md about asking and answering.</summary>
public class RequestAndReplyExamples : Example
{
    [Fact]
    public async Task One_process_asks_and_another_answers()
    {
        var options = Isolated with { AllowMultiple = true };

        // docs: request-and-reply answer
        await using var shop = new Server("shop", options);
        shop.OnMessage(message => message.ReplyAsync(new { total = 3 * (int)message.Data["count"]! }));
        await shop.StartAsync();
        // end

        // docs: request-and-reply ask
        await using var till = new Server("till", options);
        Reply reply = await till.SendAsync("shop", new { item = "tea", count = 2 });
        Console.WriteLine(reply["total"]);
        // end

        Assert.Equal(6, (int)reply["total"]!);
    }

    [Fact]
    public async Task A_handler_takes_the_message()
    {
        await using var server = new Server("shop", Isolated);

        // docs: request-and-reply message-handler
        server.OnMessage(async message =>
        {
            if (message.Data["item"] is null)
            {
                await message.ReplyAsync(new { code = "NO_ITEM", message = "Say which item." }, success: false);
                return;
            }

            await message.ReplyAsync(new { total = 3 });
        });
        // end

        await server.StartAsync();
        Assert.True((await Other("till").SendAsync("shop", new { item = "tea" })).Success);
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Other("till").SendAsync("shop", new { }));
        Assert.Equal("NO_ITEM", rejection.Code);
    }

    [Fact]
    public async Task A_handler_may_be_a_plain_method()
    {
        await using var server = new Server("shop", Isolated);
        var later = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Remember(Message message) => later.SetResult(message);

        // docs: request-and-reply plain-handler
        server.OnMessage(message => Remember(message));
        // end

        await server.StartAsync();
        var reply = Other("till").SendAsync("shop", new { item = "tea" });
        await (await Within.Deadline(later.Task)).ReplyAsync(new { total = 3 });
        Assert.Equal(3, (int)(await Within.Deadline(reply))["total"]!);
    }

    [Fact]
    public async Task A_handler_may_return_the_reply()
    {
        await using var server = new Server("shop", Isolated);

        // docs: request-and-reply typed-handler
        server.OnMessage<Order, Receipt>(order => Task.FromResult(new Receipt(order.Item, 3 * order.Count)));
        // end

        await server.StartAsync();
        Assert.Equal(new Receipt("tea", 6), await AskTyped(Other("till")));
    }

    private static async Task<Receipt> AskTyped(Server server)
    {
        // docs: request-and-reply typed-send
        Receipt receipt = await server.SendAsync<Receipt>("shop", new Order("tea", 2));
        // end

        return receipt;
    }

    [Fact]
    public async Task A_typed_handler_may_look_at_the_message()
    {
        await using var server = new Server("shop", Isolated);

        // docs: request-and-reply typed-handler-with-message
        server.OnMessage<Order, Receipt>(async (order, message) =>
        {
            await Task.Yield();
            return new Receipt($"{order.Item} for {message.SentBy}", 3 * order.Count);
        });
        // end

        await server.StartAsync();
        Assert.Equal(new Receipt("tea for till", 6), await AskTyped(Other("till")));
    }

    [Fact]
    public async Task A_typed_handler_may_reject()
    {
        await using var server = new Server("shop", Isolated);

        // docs: request-and-reply typed-handler-that-rejects
        server.OnMessage<Order, Receipt>(async (order, message) =>
        {
            if (order.Count > 10)
            {
                await message.ReplyAsync(new { code = "SOLD_OUT", message = "Ten are left." }, success: false);
                return null!; // not sent: there is a reply already
            }

            return new Receipt(order.Item, 3 * order.Count);
        });
        // end

        await server.StartAsync();
        Assert.Equal(new Receipt("tea", 6), await AskTyped(Other("till")));
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Other("till").SendAsync("shop", new Order("tea", 11)));
        Assert.Equal("SOLD_OUT", rejection.Code);
    }

    [Fact]
    public async Task Whether_letter_case_counts_is_up_to_the_serializer()
    {
        var web = new SystemTextJsonSerializer(new JsonSerializerOptions(JsonSerializerDefaults.Web));
        Assert.Equal(new Order("tea", 2), await ReadBy(NewtonsoftSerializer.Default));
        Assert.Equal(new Order("tea", 2), await ReadBy(web));
        Assert.Equal(new Order(null!, 0), await ReadBy(SystemTextJsonSerializer.Default));

        async Task<Order> ReadBy(IPayloadSerializer serializer)
        {
            await using var shop = new Server("shop", Isolated with { Serializer = serializer, AllowMultiple = true });
            var read = new TaskCompletionSource<Order>(TaskCreationOptions.RunContinuationsAsynchronously);
            shop.OnMessage<Order, Receipt>(order =>
            {
                read.SetResult(order);
                return Task.FromResult(new Receipt("", 0));
            });
            await shop.StartAsync();
            await Other("till").SendAsync("shop", new { item = "tea", count = 2, colour = "green" });
            return await Within.Deadline(read.Task);
        }
    }

    [Fact]
    public async Task Starting_twice_is_an_error_and_stopping_twice_is_none()
    {
        await using var server = new Server("shop", Isolated);
        await server.StopAsync();
        await server.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync());
        await server.StopAsync();
        await server.StopAsync();
    }

    [Fact]
    public async Task Data_has_many_forms()
    {
        await using var server = new Server("till", Isolated);
        await Answering("shop", message => message.ReplyAsync(new { got = message.Data }));

        // docs: request-and-reply data
        await server.SendAsync("shop", new { item = "tea", count = 2 });
        await server.SendAsync("shop", new Order("tea", 2));
        await server.SendAsync("shop", new Dictionary<string, object> { ["item"] = "tea", ["count"] = 2 });
        await server.SendAsync("shop", new JObject { ["item"] = "tea", ["count"] = 2 });
        await server.SendAsync("shop", Payload.FromJson("""{"item":"tea","count":2}"""));
        // end

        await Assert.ThrowsAsync<ArgumentException>(() => server.SendAsync("shop", "tea"));
    }

    [Fact]
    public async Task A_reply_can_be_read_in_several_ways()
    {
        await using var server = new Server("till", Isolated);
        await Answering("shop", message => message.ReplyAsync(new Receipt("tea", 6)));

        // docs: request-and-reply reading
        Reply reply = await server.SendAsync("shop", new { item = "tea", count = 2 });
        int total = (int)reply["Total"]!;              // one member
        JToken whole = reply.Data;                     // the whole object: success, id, Item, Total
        Receipt receipt = reply.As<Receipt>()!;        // converted
        ReadOnlyMemory<byte> raw = reply.Payload.Utf8; // as it came, never parsed
        // end

        Assert.Equal((6, 6), (total, receipt.Total));
        Assert.Equal(["success", "id", "Item", "Total"], ((JObject)whole).Properties().Select(property => property.Name));
        Assert.Equal(raw.Length, reply.ToString().Length);
    }

    [Fact]
    public async Task A_call_may_have_options_of_its_own()
    {
        await using var server = new Server("till", Isolated);
        await Answering("shop", message => message.ReplyAsync(new { id_was = message.Id }));

        // docs: request-and-reply send-options
        var call = new SendOptions { Timeout = TimeSpan.FromSeconds(10), Id = "order-1001" };
        Reply reply = await server.SendAsync("shop", new { item = "tea" }, call);
        // end

        Assert.Equal("order-1001", reply.Id);
        Assert.Equal("order-1001", (string?)reply["id_was"]);
    }

    // docs: request-and-reply records
    public record Order(string Item, int Count);

    public record Receipt(string Item, int Total);
    // end
}
