using Link.Logging;

namespace Link.Flic;

/// <summary>A handler has thrown: the inner exception.</summary>
public sealed class FlicHandlerException : Exception
{
    // Of what user code says of itself, more is shown than of a name.
    private const int LongestReason = 1000;

    private FlicHandlerException(string handler, string @event, string? sender, Exception thrown)
        : base($"{handler} failed: {Shown.Text(thrown.Message, LongestReason)}", thrown)
    {
        Event = @event;
        Sender = sender;
    }

    /// <summary>The event it was called for.</summary>
    public string Event { get; }

    /// <summary>The node that told the event; null for a shout, and for an event of the <see cref="FlicNode"/> itself.</summary>
    public string? Sender { get; }

    internal static FlicHandlerException Of(FlicMessage message, Exception thrown)
    {
        var origin = message.Sender is { } sender ? $"told by {Shown.Text(sender)}" : "shouted";
        return new FlicHandlerException($"A handler of the event {Shown.Text(message.Event)}, {origin},", message.Event, message.Sender, thrown);
    }

    internal static FlicHandlerException OfLocal(string name, Exception thrown) => new($"A handler of the node's own event {name}", name, null, thrown);
}
