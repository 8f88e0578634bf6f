using Link.Abstractions;
using Link.Logging;

namespace Link.Flic;

/// <summary>An event that has come in. Safe for concurrent use.</summary>
public sealed class FlicMessage
{
    private readonly NodeSession _session;
    private readonly ReadOnlyMemory<byte> _id;
    private int _acknowledged;

    internal FlicMessage(NodeSession session, string name, string? sender, ReadOnlyMemory<byte> id, FlicArguments arguments)
    {
        _session = session;
        _id = id;
        Event = name;
        Sender = sender;
        Arguments = arguments;
    }

    /// <summary>The event.</summary>
    public string Event { get; }

    /// <summary>The node that told it; null for a shout, which does not say.</summary>
    public string? Sender { get; }

    /// <summary>The arguments.</summary>
    public FlicArguments Arguments { get; }

    internal bool IsAcknowledged => Volatile.Read(ref _acknowledged) != 0;

    /// <summary>Answers: first the error, or null, then the results. Each call sends an answer, of which the sender takes the first.</summary>
    /// <param name="args">The answer; none at all is an answer too, and without an error.</param>
    /// <returns>Ends when it is handed over.</returns>
    /// <exception cref="InvalidOperationException">It was shouted: there is nobody to answer.</exception>
    /// <exception cref="LinkException">It was not sent: too large, overloaded, disconnected, or not to be written as JSON.</exception>
    public Task AcknowledgeAsync(params object?[]? args)
    {
        if (Sender is null)
        {
            throw new InvalidOperationException($"The event {Shown.Text(Event)} was shouted: there is nobody to answer.");
        }

        // A lone null is taken by C# for the array, and meant for its element.
        _session.Acknowledge(Sender, _id, args ?? [null]);
        Interlocked.Exchange(ref _acknowledged, 1);
        return Task.CompletedTask;
    }

    /// <summary>Answers with an error, if there is somebody to answer. Never throws.</summary>
    internal void Refuse(string error)
    {
        if (Sender is not null)
        {
            _session.Refuse(Sender, _id, error);
        }
    }
}
