namespace Link.Masterless.MessagePack;

/// <summary>What a MessagePack value is.</summary>
internal enum MessagePackKind : byte
{
    /// <summary>nil.</summary>
    Nil,

    /// <summary>The one byte that begins no value.</summary>
    Never,

    /// <summary>false.</summary>
    False,

    /// <summary>true.</summary>
    True,

    /// <summary>An integer that is its own first byte.</summary>
    Small,

    /// <summary>An unsigned integer; the body is its bytes.</summary>
    Unsigned,

    /// <summary>A signed integer; the body is its bytes.</summary>
    Signed,

    /// <summary>A floating point number; the body is its bytes.</summary>
    Float,

    /// <summary>Text; the body is UTF-8, or should be.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>Bytes of a type that applications define; the type ends the head.</summary>
    Extension,

    /// <summary>Elements follow.</summary>
    Array,

    /// <summary>Members follow, a key and a value each.</summary>
    Map,
}
