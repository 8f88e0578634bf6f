using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link;

/// <summary>
/// Sends requests (SPEC.md, One.6-20): finds or makes the session with the peer, gives the request its id, and hands back its
/// promise. Safe for concurrent use.
/// </summary>
/// <param name="sender">The name requests are signed with.</param>
/// <param name="options">The server's options.</param>
/// <param name="peers">The sessions by name.</param>
/// <param name="deadlines">The clock of the promises.</param>
internal sealed class Requester(string sender, ServerOptions options, PeerTable peers, Deadlines deadlines)
{
    private readonly RequestIds _ids = new();

    /// <summary>Sends a value.</summary>
    public Task<Reply> SendAsync(string peer, object data, SendOptions? call, CancellationToken cancellationToken)
    {
        if (data is Payload given)
        {
            return SendAsync(peer, given, call, cancellationToken);
        }

        var text = new PooledBuffer();
        options.Serializer.Serialize(text, data);
        return SendAsync(peer, new Payload(text.WrittenMemory), text, call, cancellationToken);
    }

    /// <summary>Sends JSON as it stands.</summary>
    public Task<Reply> SendAsync(string peer, Payload data, SendOptions? call, CancellationToken cancellationToken) =>
        SendAsync(peer, data, null, call, cancellationToken);

    private Task<Reply> SendAsync(string peer, Payload data, PooledBuffer? text, SendOptions? call, CancellationToken cancellationToken) =>
        TrySend(peer, data, text, call, cancellationToken, out var request) ?? DialAndSendAsync(peer, request, text, cancellationToken);

    /// <summary>Gives the session with the peer, dialling if there is none.</summary>
    public Task<Session> ConnectAsync(string peer, CancellationToken cancellationToken) =>
        ConnectAsync(peer, deadlines.After(options.RequestTimeout), cancellationToken);

    private async Task<Session> ConnectAsync(string peer, long deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await peers.GetOrDialAsync(peer, deadlines.Until(deadline), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw Cancellation.Of(peer, RequestFate.NotSent, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new LinkException(LinkError.Timeout, $"{peer} could not be connected to in time; nothing was sent.");
        }
    }

    /// <summary>Sends at once over a live session; null when there is none, and the text still needed.</summary>
    private Task<Reply>? TrySend(
        string peer, Payload data, PooledBuffer? text, SendOptions? call, CancellationToken cancellationToken, out (RequestId Id, Payload Data, long Deadline) request)
    {
        if (call?.Timeout is { } timeout)
        {
            ServerOptions.ValidateTimeout(timeout, nameof(SendOptions.Timeout));
        }

        request = (FindId(data, call) ?? _ids.Next(), data, deadlines.After(call?.Timeout ?? options.RequestTimeout));
        if (cancellationToken.IsCancellationRequested)
        {
            text?.Dispose();
            return Task.FromException<Reply>(Cancellation.Of(peer, RequestFate.NotSent, cancellationToken));
        }

        if (!peers.TryGet(peer, out var session))
        {
            return null;
        }

        try
        {
            return session.Request(request.Id, sender, data, text, request.Deadline, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or LinkException { Error: LinkError.TooLarge or LinkError.Overloaded })
        {
            text?.Dispose();
            return Task.FromException<Reply>(exception);
        }
        catch (LinkException)
        {
            // The connection was lost before a byte of this request was written: it may go over a new one.
            peers.Remove(peer, session);
            return null;
        }
    }

    private async Task<Reply> DialAndSendAsync(
        string peer, (RequestId Id, Payload Data, long Deadline) request, PooledBuffer? text, CancellationToken cancellationToken)
    {
        Task<Reply> promise;
        try
        {
            var session = await ConnectAsync(peer, request.Deadline, cancellationToken).ConfigureAwait(false);
            promise = session.Request(request.Id, sender, request.Data, text, request.Deadline, cancellationToken);
        }
        catch
        {
            text?.Dispose();
            throw;
        }

        return await promise.ConfigureAwait(false);
    }

    /// <summary>The id the caller chose (SPEC.md, One.11), or null.</summary>
    private static RequestId? FindId(Payload data, SendOptions? call)
    {
        var chosen = call?.Id is { } text ? RequestId.FromString(text) : (RequestId?)null;

        // The walk below does not look into strings, and the peer would close the connection.
        if (!Utf8.IsValid(data.Utf8.Span))
        {
            throw new ArgumentException("The data of a request is not UTF-8.", nameof(data));
        }

        try
        {
            var members = new JsonMembers(data.Utf8.Span);
            if (!members.TryEnter())
            {
                JsonMembers.RequireEnd(data.Utf8.Span);
                return data.Utf8.Span.TrimStart(" \t\r\n"u8) is [(byte)'[', ..] ? chosen : throw new ArgumentException(
                    "The data of a request must be an object or an array.", nameof(data));
            }

            RequestId? own = null;
            while (members.Next())
            {
                if (members.NameIs("id"u8))
                {
                    own = members.ValueType is JsonTokenType.StartObject or JsonTokenType.StartArray
                        ? throw new ArgumentException("A request's id must be a string, a number, true, false or null.", nameof(data))
                        : RequestId.FromJson(data.Utf8[members.Value].ToArray()).Canonical();
                }
            }

            return own is null || chosen is null || own == chosen ? own ?? chosen : throw new ArgumentException(
                $"The data has the id {new Payload(own.Value.Json)}, the options say {new Payload(chosen.Value.Json)}.", "options");
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The data of a request is not JSON: {exception.Message}", nameof(data), exception);
        }
    }
}
