using Newtonsoft.Json.Linq;

namespace Link;

/// <summary>The peer answered, and its answer was no: <c>success</c> was not <c>true</c> (SPEC.md, OneAgain.3.2.2).</summary>
public sealed class RejectedException : Exception
{
    private readonly string _peer;
    private string? _message;

    internal RejectedException(string peer, Reply reply)
    {
        _peer = peer;
        Reply = reply;
    }

    /// <summary>Who rejected the request, and why if the reply tells. Made when asked for: it takes parsing the reply.</summary>
    public override string Message => _message ??= Describe(_peer, Reply);

    /// <summary>The whole reply.</summary>
    public Reply Reply { get; }

    /// <summary>The text of the reply's member <c>code</c>, such as <c>HANDLER_FAILED</c>; null when it has none.</summary>
    public string? Code => Text(Reply, "code");

    private static string Describe(string peer, Reply reply)
    {
        var why = Text(reply, "message") ?? Text(reply, "code");
        return why is null ? $"{peer} rejected the request." : $"{peer} rejected the request: {why}";
    }

    private static string? Text(Reply reply, string member)
    {
        try
        {
            return reply[member] is JValue { Value: string text } ? text : null;
        }
        catch (Abstractions.LinkException)
        {
            // The reply cannot be shown as a token; whoever reads Reply learns why.
            return null;
        }
    }
}
