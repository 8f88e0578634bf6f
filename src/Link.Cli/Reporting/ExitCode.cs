using Link.Abstractions;

namespace Link.Cli.Reporting;

/// <summary>How the program ends, for scripts: docs/command-line.md lists the values.</summary>
internal enum ExitCode
{
    /// <summary>It did what it was asked to; the peer replied.</summary>
    Done = 0,

    /// <summary>The peer answered, and its answer was no.</summary>
    Rejected = 1,

    /// <summary>The command line makes no sense.</summary>
    Usage = 2,

    /// <summary>Nobody answers to that name.</summary>
    NoSuchPeer = 3,

    /// <summary>There was no answer in time.</summary>
    Timeout = 4,

    /// <summary>The connection ended before the answer came.</summary>
    ConnectionLost = 5,

    /// <summary>Anything else; the message says what.</summary>
    Failed = 6,

    /// <summary>Ctrl-C, as shells count it.</summary>
    Interrupted = 130,

    /// <summary>Nobody reads the output any more, as shells count it.</summary>
    OutputClosed = 141,
}

/// <summary>What belongs to <see cref="ExitCode"/>.</summary>
internal static class ExitCodes
{
    /// <summary>The exit code for an error of Link.</summary>
    public static ExitCode Of(LinkError error) => error switch
    {
        LinkError.NoSuchPeer => ExitCode.NoSuchPeer,
        LinkError.Timeout => ExitCode.Timeout,
        LinkError.ConnectionLost => ExitCode.ConnectionLost,
        LinkError.Cancelled => ExitCode.Interrupted,
        _ => ExitCode.Failed,
    };
}
