using Link.Abstractions;

namespace Link.Masterless;

/// <summary>The one attempt to connect again with a node whose connection was lost.</summary>
/// <param name="lost">The connection that was lost.</param>
/// <param name="cause">What broke it; null when the other node closed it.</param>
/// <param name="turns">How many may go at once to where nobody but a peer has said that it listens.</param>
/// <param name="options">The clock.</param>
internal sealed class Comeback(PeerSession lost, LinkException? cause, SemaphoreSlim turns, MeshOptions options)
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

            if (lost.Link.Handshake.Role == Role.Connector)
            {
                await mesh.ReturnAsync(lost.Link, _stop.Token).ConfigureAwait(false);
            }
            else
            {
                await ReturnInTurnAsync(mesh).ConfigureAwait(false);
            }

            return Failed("the new connection was lost at once", null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(exception.Message, exception);
        }
    }

    /// <summary>To an address that the peer has announced: strangers who announce many must not take all places for dialling.</summary>
    private async Task ReturnInTurnAsync(Mesh mesh)
    {
        await turns.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await mesh.ReturnAsync(lost.Link, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            turns.Release();
        }
    }

    private LinkException Failed(string failure, Exception? inner) => new(
        LinkError.ConnectionLost,
        $"The connection with {lost.Link.Peer} was lost ({cause?.Message ?? "it was closed there"}), and connecting again failed: {failure}",
        RequestFate.Unknown,
        lost.Link.Peer,
        inner ?? cause);
}
