using Link.Abstractions;

namespace Link.Flic;

/// <summary>Something went wrong at a node that belongs to no call.</summary>
public sealed class FlicNodeErrorEventArgs : EventArgs
{
    internal FlicNodeErrorEventArgs(Exception error) => Error = error;

    /// <summary>
    /// What went wrong: a <see cref="FlicHandlerException"/> for what a handler threw; a <see cref="FlicException"/> or <see cref="LinkException"/> that answers what was told without waiting;
    /// a <see cref="LinkException"/> for everything else.
    /// </summary>
    public Exception Error { get; }
}
