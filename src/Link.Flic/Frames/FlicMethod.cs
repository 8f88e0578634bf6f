namespace Link.Flic.Frames;

/// <summary>What a flic frame is (SPEC.md, "flic: frames").</summary>
internal enum FlicMethod
{
    /// <summary>Nothing known: ignored, as the originals do.</summary>
    Unknown,

    /// <summary>A node registers its name.</summary>
    Ident,

    /// <summary>An event for one node.</summary>
    Tell,

    /// <summary>An event for all other nodes.</summary>
    Shout,

    /// <summary>An answer.</summary>
    Ack,

    /// <summary>A node wants to go.</summary>
    Leave,

    /// <summary>The bridge stops.</summary>
    Close,

    /// <summary>A node of Link says that it is one; only a bridge of Link answers.</summary>
    Link,
}
