using Link.Abstractions;

namespace Link;

/// <summary>What a cancelled call throws.</summary>
internal static class Cancellation
{
    /// <summary>The exception .NET expects, with one inside that tells whether the request may have run.</summary>
    public static OperationCanceledException Of(string peer, RequestFate fate, CancellationToken token, Peer? connected = null)
    {
        var text = $"The request to {peer} was cancelled{(fate == RequestFate.NotSent ? " before it was sent" : "")}.";
        return new OperationCanceledException(text, new LinkException(LinkError.Cancelled, text, fate, connected), token);
    }
}
