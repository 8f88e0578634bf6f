using Link.Abstractions;
using Link.Logging;
using Newtonsoft.Json.Linq;

namespace Link.Flic;

/// <summary>A node has answered with an error: the first argument of its acknowledgement was not null.</summary>
public sealed class FlicException : Exception
{
    private readonly Payload _error;

    internal FlicException(string node, string told, string? code, Payload error)
        : base($"{told} was answered with the error {(code is null ? Shown.Text(error.Utf8.Span) : Shown.Text(code))}.")
    {
        Node = node;
        Code = code;
        _error = error;
    }

    /// <summary>The node that was told.</summary>
    public string Node { get; }

    /// <summary>The error, if it is a string: that of the handler, or <c>unknown-event</c> or <c>handler-failed</c> of a node of Link. Else null.</summary>
    public string? Code { get; }

    /// <summary>The error as a token. Each call converts anew.</summary>
    /// <exception cref="LinkException">It cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken Error => _error.AsToken();
}
