using Link.Abstractions;

namespace Link;

/// <summary>Dials a peer, and while the options say so waits for one that is missing.</summary>
/// <param name="transport">What dials once.</param>
/// <param name="options">How long, how often.</param>
internal sealed class Dialler(ITransport transport, ServerOptions options)
{
    private const double Jitter = 0.2;

    /// <summary>Gives a live connection.</summary>
    /// <exception cref="LinkException">As <see cref="ITransport.ConnectAsync"/>, after the last attempt.</exception>
    public async Task<IConnection> DialAsync(string peer, CancellationToken cancellationToken)
    {
        var start = options.TimeProvider.GetTimestamp();
        for (var retries = 0; ; retries++)
        {
            try
            {
                return await transport.ConnectAsync(peer, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException exception) when (exception.Error == LinkError.NoSuchPeer)
            {
                var left = TimeLeft(start);
                if (left <= TimeSpan.Zero || retries >= options.MaxRetries)
                {
                    throw NotFound(peer, exception);
                }

                var pause = options.Retry * (1 + (Jitter * ((Random.Shared.NextDouble() * 2) - 1)));
                await Task.Delay(pause < left ? pause : left, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan TimeLeft(long start) => options.WaitForPeer == Timeout.InfiniteTimeSpan
        ? TimeSpan.MaxValue
        : options.WaitForPeer - options.TimeProvider.GetElapsedTime(start);

    private LinkException NotFound(string peer, LinkException last)
    {
        var waited = options.WaitForPeer == TimeSpan.Zero ? "" : " while it was waited for";
        return new LinkException(LinkError.NoSuchPeer, $"Could not connect to {peer}{waited}. {last.Message}", innerException: last);
    }
}
