namespace Link.Flic.Frames;

/// <summary>The errors that a bridge puts first in an answer. The first two are the originals', the others Link's own (SPEC.md, "flic: errors").</summary>
internal static class FlicErrors
{
    /// <summary>The target of a TELL is not registered.</summary>
    public const string UnknownNode = "unknown-node";

    /// <summary>The name of an IDENT is taken.</summary>
    public const string DuplicateNode = "duplicate-node";

    /// <summary>The target was lost before it answered.</summary>
    public const string NodeLost = "node-lost";

    /// <summary>The frame is larger than the target can read.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The target's answer is larger than who asked can read.</summary>
    public const string AnswerTooLarge = "answer-too-large";

    /// <summary>The target has too much to do already.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>Nobody listens to the event there.</summary>
    public const string UnknownEvent = "unknown-event";

    /// <summary>The handler failed.</summary>
    public const string HandlerFailed = "handler-failed";

    /// <summary>The sender has no name, or the name has no form.</summary>
    public const string NotRegistered = "not-registered";
}
