using System.Buffers.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Flic.Frames;
using Link.Logging;

namespace Link.Flic;

/// <summary>Reads answers: error-first, as every callback of JavaScript (SPEC.md, "flic: errors").</summary>
internal static class Answer
{
    /// <summary>The error that an answer begins with; null when it begins with none.</summary>
    /// <param name="target">What it answers.</param>
    /// <param name="arguments">A JSON array; empty when there is none.</param>
    /// <param name="bridge">Who passed it on.</param>
    public static Exception? ErrorOf(TellTarget target, ReadOnlyMemory<byte> arguments, Peer bridge)
    {
        var items = new JsonItems(arguments);
        if (!items.MoveNext() || IsNone(items.Kind, items.Current.Span))
        {
            return null;
        }

        var code = items.Kind == JsonTokenType.String ? JsonText.Unquote(items.Current.Span) : null;
        return code switch
        {
            FlicErrors.UnknownNode => new LinkException(
                LinkError.NoSuchPeer, $"unknown-node: no node {Shown.Text(target.Node)} is registered at {bridge}; {target} was not told.", peer: bridge),
            FlicErrors.DuplicateNode => new LinkException(LinkError.NameUnavailable, $"duplicate-node: {bridge} did not pass {target} on.", peer: bridge),
            FlicErrors.NotRegistered => new LinkException(
                LinkError.NameUnavailable, $"not-registered: {bridge} does not know this node; {target} was not told.", peer: bridge),
            FlicErrors.NodeLost => new LinkException(
                LinkError.ConnectionLost, $"node-lost: {Shown.Text(target.Node)} was lost before it answered {target}.", RequestFate.Unknown, bridge),
            FlicErrors.Overloaded => new LinkException(LinkError.Overloaded, $"overloaded: {Shown.Text(target.Node)} has too much to do; {target} did not run.", peer: bridge),
            FlicErrors.TooLarge => new LinkException(
                LinkError.TooLarge, $"too-large: what {target} was told is larger than an original of flic can read; it did not arrive.", peer: bridge),
            FlicErrors.AnswerTooLarge => new LinkException(
                LinkError.TooLarge, $"answer-too-large: the answer of {target} is larger than this node can be sent.", RequestFate.Unknown, bridge),
            _ => new FlicException(target.Node, target.ToString(), code, new Payload(items.Current)),
        };
    }

    /// <summary>The id that an answer carries, if it can be one of ours.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> id, out Guid value)
    {
        value = default;
        return id.Length == 38 && id[0] == '"' && Utf8Parser.TryParse(id[1..^1], out value, out var read, 'D') && read == 36;
    }

    /// <summary>Whether a first argument is no error: what JavaScript takes for false, as everybody there asks: if (error).</summary>
    public static bool IsNone(JsonTokenType kind, ReadOnlySpan<byte> json) => kind switch
    {
        JsonTokenType.None or JsonTokenType.Null or JsonTokenType.False => true,
        JsonTokenType.String => json.Length == 2,
        JsonTokenType.Number => Utf8Parser.TryParse(json, out double value, out _) && value == 0,
        _ => false,
    };
}
