namespace Link.NodeIpc.Events;

/// <summary>What the text of <see cref="IpcOptions.RawBuffer"/> mode becomes on the wire; the names are Node's.</summary>
public enum IpcEncoding
{
    /// <summary>UTF-8; a lone surrogate becomes U+FFFD.</summary>
    Utf8,

    /// <summary>The low byte of each UTF-16 unit, as Node writes it: the same as <see cref="Latin1"/>.</summary>
    Ascii,

    /// <summary>The low byte of each UTF-16 unit.</summary>
    Latin1,

    /// <summary>UTF-16, the low byte first.</summary>
    Utf16Le,

    /// <summary>Two hexadecimal digits for each byte.</summary>
    Hex,

    /// <summary>Base64.</summary>
    Base64,
}
