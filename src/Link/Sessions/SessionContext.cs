using Link.Abstractions;
using Link.Dispatching;

namespace Link;

/// <summary>What the sessions of one server share.</summary>
internal sealed class SessionContext
{
    public required ServerOptions Options { get; init; }

    public required HandlerSlots Slots { get; init; }

    public required Deadlines Deadlines { get; init; }

    public required Watchdog Watchdog { get; init; }

    public required Counters Counters { get; init; }

    /// <summary>Answers a message. Never throws; ends when the user's handler has.</summary>
    public required Func<Message, Task> Handle { get; init; }

    /// <summary>Told once when a session has begun, and once when it has ended and nothing of it is pending.</summary>
    public required Action<Session> Began { get; init; }

    /// <inheritdoc cref="Began"/>
    public required Action<Session, LinkException?> Ended { get; init; }
}
