using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The certificates that the commands of tls.md make.</summary>
public sealed class TlsFolder : IAsyncLifetime
{
    private readonly SocketDirectory _directory = new();

    /// <summary>The commands.</summary>
    public static string Commands { get; } = Repository.Doc("tls").BlocksIn("sh").Single();

    /// <summary>Where the certificates are, without a slash at the end.</summary>
    public string Folder => _directory.Path.TrimEnd('/');

    /// <inheritdoc/>
    public Task InitializeAsync() => Shell.RunAsync(Folder, Commands);

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
