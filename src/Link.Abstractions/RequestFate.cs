namespace Link.Abstractions;

/// <summary>Whether a request that failed may have been carried out by the peer.</summary>
public enum RequestFate
{
    /// <summary>No byte of it left this process: it did not run, sending it again is safe.</summary>
    NotSent,

    /// <summary>It was handed to the operating system: it may have run, or may run yet.</summary>
    Unknown,
}
