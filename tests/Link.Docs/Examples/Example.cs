using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>Examples run one after the other, so that each may have the one server of the process.</summary>
[CollectionDefinition(Name)]
public sealed class OneServer
{
    /// <summary>The collection's name.</summary>
    public const string Name = "One server";
}

/// <summary>Gives the examples what surrounds them on a page: a directory and options, and peers that are not shown.</summary>
[Collection(OneServer.Name)]
public abstract class Example : IAsyncLifetime
{
    private readonly SocketDirectory _directory = new();
    private readonly List<Server> _others = [];

    /// <summary>A directory for the sockets, with a slash at the end.</summary>
    protected string SocketRoot => _directory.Path;

    /// <summary>Options that keep to the directory.</summary>
    protected ServerOptions Isolated => new() { SocketRoot = SocketRoot };

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>A server that lives beside the one of the example, and ends with the test.</summary>
    protected Server Other(string name, ServerOptions? options = null)
    {
        var other = new Server(name, (options ?? Isolated) with { AllowMultiple = true });
        _others.Add(other);
        return other;
    }

    /// <summary>A started server that answers.</summary>
    protected async Task<Server> Answering(string name, Func<Message, Task> handler)
    {
        var other = Other(name);
        other.OnMessage(handler);
        await other.StartAsync();
        return other;
    }
}
