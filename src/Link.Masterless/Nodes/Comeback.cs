using Link.Abstractions;

namespace Link.Masterless;

/// <summary>The one attempt to connect again with a node whose connection was lost.</summary>
/// <param name="lost">The connection that was lost.</param>
/// <param name="cause">What broke it; null when the other node closed it.</param>
/// <param name="options">The clock.</param>
internal sealed class Comeback(PeerSession lost, LinkException? cause, MeshOptions options)
{
    private static readonly TimeSpan PauseAfterBriefReturn = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Ends it, whether it has succeeded or not.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Connects again. Whoever is told of connections hears of it first.</summary>
    /// <returns>Why there is none; also when there was one and it is gone already.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<LinkException> RunAsync(Mesh mesh)
    {
        try
        {
            await lost.Link.DisposeAsync().ConfigureAwait(false);
            if (lost.IsBriefReturn)
            {
                await Task.Delay(PauseAfterBriefReturn, options.TimeProvider, _stop.Token).ConfigureAwait(false);
            }

            await mesh.ReturnAsync(lost.Link, _stop.Token).ConfigureAwait(false);
            return Failed("the new connection was lost at once", null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(exception.Message, exception);
        }
    }

    private LinkException Failed(string failure, Exception? inner) => new(
        LinkError.ConnectionLost,
        $"The connection with {lost.Link.Peer} was lost ({cause?.Message ?? "it was closed there"}), and connecting again failed: {failure}",
        RequestFate.Unknown,
        lost.Link.Peer,
        inner ?? cause);
}
