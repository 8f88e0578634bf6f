using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What unbinding means where all accepted connections go through what holds the name: a socket, or a place at a bridge.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class SharedNameBinding<T> : BindingConformance<T>
    where T : TransportUnderTest, new()
{
    /// <summary>They go on until what was asked is answered, and keep the name for as long.</summary>
    public override async Task Established_connections_go_on_after_unbinding()
    {
        var pair = await CreatePairAsync();
        var request = Messages.Request(RequestId.FromString("asked"), "{}");
        await WriteAsync(pair.Dialled, request);
        Messages.AssertEqual(request, await ReadAsync(pair.Accepted));

        await Within.Deadline(pair.Acceptor.UnbindAsync());
        await AssertNotSentAsync(LinkError.NameUnavailable, () => Create().BindAsync(pair.Name));
        await WriteAsync(pair.Accepted, Messages.Reply(request.Id, "{}"));
        Messages.AssertEqual(Messages.Reply(request.Id, "{}"), await ReadAsync(pair.Dialled));
        Assert.Null(await Within.Deadline(pair.Accepted.ReadAsync()));
        await Within.Deadline(Create().BindAsync(pair.Name));
    }

    [Fact]
    public async Task A_connection_on_which_nothing_is_asked_ends_with_the_name()
    {
        var pair = await CreatePairAsync();

        await Within.Deadline(pair.Acceptor.UnbindAsync());

        Assert.Null(await Within.Deadline(pair.Accepted.ReadAsync()));
        await Within.Deadline(Create().BindAsync(pair.Name));
    }
}
