using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

/// <summary>Claims with the settings that most tests want.</summary>
internal static class Claims
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static Task<SocketFile> ClaimAsync(string path, bool reclaimStale = true, int backlog = 16) =>
        SocketFile.ClaimAsync(path, reclaimStale, backlog, Deadline, TimeProvider.System).AsTask().WaitAsync(Deadline);

    /// <summary>Claims, and expects a refusal that tells the path.</summary>
    public static async Task<string> RefusedAsync(string path, bool reclaimStale = true)
    {
        var refusal = await Assert.ThrowsAsync<LinkException>(async () => (await ClaimAsync(path, reclaimStale)).Dispose());
        Assert.Equal(LinkError.NameUnavailable, refusal.Error);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    /// <summary>Claims; null when the name is taken.</summary>
    public static async Task<SocketFile?> TryClaimAsync(string path)
    {
        try
        {
            return await ClaimAsync(path);
        }
        catch (LinkException e) when (e.Error == LinkError.NameUnavailable)
        {
            return null;
        }
    }
}
