namespace Link.Handlers;

/// <summary>What something that a <see cref="HandlerPump"/> starts is about: each kind has a bound of its own.</summary>
internal enum PumpKind
{
    /// <summary>What others have sent.</summary>
    Event,

    /// <summary>A report of what went wrong.</summary>
    Error,

    /// <summary>A coming or going of the node itself.</summary>
    Life,
}
