using Link.Abstractions;

namespace Link;

/// <summary>
/// Calls the user's handler and sees to it that a request which failed here is answered all the same. Safe for concurrent use.
/// </summary>
/// <param name="onFailure">Told of what handlers throw.</param>
internal sealed class MessageHandler(Action<Exception, Peer> onFailure)
{
    private const int LongestText = 1000;

    private Func<Message, Task>? _handler;

    /// <summary>Sets the handler.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Set(Func<Message, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new InvalidOperationException("The server already has a message handler.");
        }
    }

    /// <summary>Sets a handler that returns the reply.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Set<TRequest, TReply>(Func<TRequest, Message, Task<TReply>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Set(async message =>
        {
            var request = message.As<TRequest>() ??
                throw new LinkException(LinkError.InvalidData, $"The request has no data that makes a {typeof(TRequest).Name}.", peer: message.Peer);
            var reply = await handler(request, message).ConfigureAwait(false);
            if (message.IsReplied)
            {
                return;
            }

            if (reply is null)
            {
                await message.ReplyAsync(new { code = "NO_REPLY", message = "The handler returned no reply." }, success: false).ConfigureAwait(false);
            }
            else
            {
                await message.ReplyAsync(reply).ConfigureAwait(false);
            }
        });
    }

    /// <summary>Handles one message. Never throws.</summary>
    public async Task HandleAsync(Message message)
    {
        try
        {
            if (_handler is { } handler)
            {
                await handler(message).ConfigureAwait(false);
            }
            else
            {
                await message.ReplyAsync(new { code = "NO_HANDLER", message = "Nobody handles messages here." }, success: false).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            onFailure(exception, message.Peer);
            await TellRequesterAsync(message, exception).ConfigureAwait(false);
        }
    }

    /// <summary>What went wrong, in a text that can be sent: an exception may be of anybody's making.</summary>
    private static string Explain(Exception exception)
    {
        try
        {
            var text = exception.Message ?? exception.GetType().Name;
            return text.Length <= LongestText ? text : text[..LongestText] + "…";
        }
        catch (Exception)
        {
            return exception.GetType().Name;
        }
    }

    private static async Task TellRequesterAsync(Message message, Exception exception)
    {
        if (message.IsReplied)
        {
            return;
        }

        var code = exception is LinkException { Error: LinkError.InvalidData, Fate: RequestFate.NotSent } ? "INVALID_DATA" : "HANDLER_FAILED";
        try
        {
            await message.ReplyAsync(new { code, message = Explain(exception) }, success: false).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The requester is gone, the handler replied after all, or the serializer is at fault too; the failure has been reported.
        }
    }
}
