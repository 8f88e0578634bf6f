using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>Connects to a bridge, with the attempts of the options.</summary>
internal static class BridgeDialer
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Connects; does not register.</summary>
    /// <exception cref="LinkException">There is no bridge, or it does not answer, or it is not trusted.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static async Task<PeerStream> DialAsync(NodeLinkOptions options, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StreamDialer.DialAsync(options.Bridge, "the bridge", options.Endpoints, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException exception) when (exception.Error is LinkError.NoSuchPeer or LinkError.Timeout && attempt < options.ConnectAttempts)
            {
                pause = pause + options.ConnectBackoff < LongestPause ? pause + options.ConnectBackoff : LongestPause;
                await Task.Delay(pause, options.Endpoints.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException exception) when (exception.Error == LinkError.NoSuchPeer)
            {
                throw new LinkException(
                    LinkError.NoSuchPeer,
                    $"There is no bridge at {options.Bridge.Address}:{options.Bridge.Port}, after {attempt} attempts: {exception.Message}",
                    innerException: exception);
            }
        }
    }
}
