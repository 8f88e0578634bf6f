using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>Whose answers count.</summary>
public sealed class BridgeAnswerTests : IAsyncLifetime
{
    private const int MaxOpenTells = 3;

    private readonly FlicBridge _bridge = new(new FlicBridgeOptions { Port = 0, MaxOpenTells = MaxOpenTells });

    public Task InitializeAsync() => _bridge.StartAsync();

    public Task DisposeAsync() => Within.Deadline(_bridge.CloseAsync());

    [Fact]
    public async Task An_answer_counts_only_from_the_node_that_was_told()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        using var stranger = await BridgeClient.JoinAsync(_bridge, "stranger");
        await TellAsync(asker, "t", told);

        await AnswerAsync(stranger, "t", "forged");
        await stranger.AssertNothingCameAsync();
        await AnswerAsync(told, "t", "true");

        Assert.Equal("""["t",["true"]]""", await asker.ReadAsync("ACK"));
        await asker.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Only_the_first_answer_counts()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        await TellAsync(asker, "t", told);

        await AnswerAsync(told, "t", "first");
        await AnswerAsync(told, "t", "second");
        await AnswerAsync(told, "never asked", "third");
        await told.AssertNothingCameAsync();

        Assert.Equal("""["t",["first"]]""", await asker.ReadAsync("ACK"));
        await asker.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Of_too_many_open_tells_the_oldest_is_forgotten()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        for (var number = 0; number <= MaxOpenTells; number++)
        {
            await TellAsync(asker, $"t{number}", told);
        }

        for (var number = 0; number <= MaxOpenTells; number++)
        {
            await AnswerAsync(told, $"t{number}", "a");
        }

        for (var number = 1; number <= MaxOpenTells; number++)
        {
            Assert.Equal($"""["t{number}",["a"]]""", await asker.ReadAsync("ACK"));
        }

        await told.AssertNothingCameAsync();
        await asker.AssertNothingCameAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_for_a_lost_node_is_told(bool hasLeft)
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var other = await BridgeClient.JoinAsync(_bridge, "other");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        await TellAsync(asker, "answered", told);
        await TellAsync(asker, "open", told);
        await TellAsync(asker, "elsewhere", other);
        await AnswerAsync(told, "answered", "a");
        Assert.Equal("""["answered",["a"]]""", await asker.ReadAsync("ACK"));
        if (hasLeft)
        {
            await told.SendAsync("""{"id":"l","method":"LEAVE","data":[]}""");
            await told.ReadAsync("ACK");
        }

        told.Reset();

        Assert.Equal("""["open",["node-lost"]]""", await asker.ReadAsync("ACK"));
        await AnswerAsync(other, "elsewhere", "b");
        Assert.Equal("""["elsewhere",["b"]]""", await asker.ReadAsync("ACK"));
    }

    [Fact]
    public async Task Who_waits_for_a_node_that_leaves_is_told()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        await TellAsync(asker, "t", told);

        await told.SendAsync("""{"id":"l","method":"LEAVE","data":[]}""");
        await told.ReadAsync("ACK");
        await AnswerAsync(told, "t", "late");

        Assert.Equal("""["t",["node-lost"]]""", await asker.ReadAsync("ACK"));
        await asker.AssertNothingCameAsync();
    }

    [Fact]
    public async Task An_answer_does_not_go_to_whoever_has_the_name_of_the_asker_now()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        await TellAsync(asker, "t", told);
        await asker.SendAsync("""{"id":"l","method":"LEAVE","data":[]}""");
        Assert.Equal("""["l",[]]""", await asker.ReadAsync("ACK"));
        using var heir = await BridgeClient.JoinAsync(_bridge, "asker");

        await AnswerAsync(told, "t", "late");

        await told.AssertNothingCameAsync();
        await heir.AssertNothingCameAsync();
    }

    [Fact]
    public async Task An_id_used_again_belongs_to_the_later_tell()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var first = await BridgeClient.JoinAsync(_bridge, "first");
        using var second = await BridgeClient.JoinAsync(_bridge, "second");
        await TellAsync(asker, "t", first);
        await TellAsync(asker, "t", second);

        await AnswerAsync(first, "t", "a");
        await first.AssertNothingCameAsync();
        await AnswerAsync(second, "t", "b");

        Assert.Equal("""["t",["b"]]""", await asker.ReadAsync("ACK"));
        await asker.AssertNothingCameAsync();
    }

    [Fact]
    public async Task An_endless_id_is_refused()
    {
        using var asker = await BridgeClient.JoinAsync(_bridge, "asker");
        using var told = await BridgeClient.JoinAsync(_bridge, "told");
        var id = new string('i', Switchboard.LongestId);

        await asker.SendAsync($$"""{"id":"{{id}}","method":"TELL","data":["told","e",[]]}""");

        Assert.Equal($"""["{id}",["too-large"]]""", await asker.ReadAsync("ACK"));
        await told.AssertNothingCameAsync();
    }

    private static async Task TellAsync(BridgeClient asker, string id, BridgeClient told)
    {
        await asker.SendAsync($$"""{"id":"{{id}}","method":"TELL","data":["{{told.Name}}","e",[]]}""");
        Assert.Equal($"""["asker","{id}","e",[]]""", await told.ReadAsync("TELL"));
    }

    private static Task AnswerAsync(BridgeClient told, string id, string value) =>
        told.SendAsync($$"""{"id":"a","method":"ACK","data":["asker","{{id}}",["{{value}}"]]}""");
}
