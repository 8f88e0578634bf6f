namespace Link.Abstractions;

/// <summary>Which envelopes a connection delivers to its reader.</summary>
public enum EnvelopeFlow : byte
{
    /// <summary>Requests and events only: a reader at its limit may stop reading, nobody waits behind it for a reply.</summary>
    Requests,

    /// <summary>Replies only.</summary>
    Replies,

    /// <summary>Everything: a reader must not stop for a limit on requests, because replies ride behind them.</summary>
    Both,
}
