using System.CommandLine.Parsing;
using Link.Cli.Reporting;
using Link.Flic;
using Link.Streams.Endpoints;
using Link.Streams.Tls;

namespace Link.Cli.Arguments;

/// <summary>Where a bridge of flic is, as it is typed: <c>host:port</c>, with <c>flic://</c> before it or not.</summary>
/// <param name="Host">The host.</param>
/// <param name="Port">The port.</param>
internal sealed record BridgeAddress(string Host, int Port)
{
    /// <summary>What such an address begins with where others may stand.</summary>
    public const string Scheme = "flic://";

    private static readonly TimeSpan LongestConnect = new FlicNodeOptions().ConnectTimeout;

    /// <summary>Where flic's own bridge listens if it is not told otherwise.</summary>
    public static BridgeAddress Default { get; } = new("127.0.0.1", 8221);

    /// <summary>Reads an address.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static BridgeAddress Parse(string text)
    {
        var bare = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text;
        try
        {
            var endpoint = Endpoint.Parse($"tcp://{bare}");
            return new BridgeAddress(endpoint.Address, endpoint.Port);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{text}' is no address of a bridge, such as {Default}.", exception);
        }
    }

    /// <summary>Reads the address of an option or an argument.</summary>
    public static BridgeAddress Parse(ArgumentResult result)
    {
        try
        {
            return Parse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "");
        }
        catch (ArgumentException exception)
        {
            result.AddError(Failure.Of(exception).Message);
            return Default;
        }
    }

    /// <summary>The options of a node of that bridge.</summary>
    /// <param name="tls">Null for plain TCP.</param>
    /// <param name="timeout">How long an answer may take; connecting may take no longer, and not longer than it does without this.</param>
    public FlicNodeOptions ToOptions(TlsOptions? tls, TimeSpan timeout) => new()
    {
        Host = Host,
        Port = Port,
        Tls = tls,
        TellTimeout = timeout,
        ConnectTimeout = timeout < LongestConnect ? timeout : LongestConnect,
    };

    /// <summary>The address as it can be typed.</summary>
    public override string ToString() => $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}
