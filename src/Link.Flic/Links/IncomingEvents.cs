using System.Text.Json;
using Link.Abstractions.Json;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>Reads the data of what a bridge passes on.</summary>
internal static class IncomingEvents
{
    /// <summary>Hands over a TELL; false when it is none.</summary>
    public static bool TryTakeTell(JsonItems items, INodeEvents events)
    {
        var sender = items.MoveNext() && items.Kind == JsonTokenType.String ? items.Current : default;
        var id = items.Take();
        var name = items.MoveNext() && items.Kind == JsonTokenType.String ? items.Current : default;
        var arguments = items.MoveNext() && items.Kind == JsonTokenType.StartArray ? items.Current : default;
        if (sender.IsEmpty || name.IsEmpty || arguments.IsEmpty)
        {
            return false;
        }

        events.OnTell(JsonText.Unquote(sender.Span), id, JsonText.Unquote(name.Span), arguments);
        return true;
    }

    /// <summary>Hands over a SHOUT; false when it is none.</summary>
    public static bool TryTakeShout(JsonItems items, ReadOnlyMemory<byte> data, INodeEvents events)
    {
        if (!items.MoveNext() || items.Kind != JsonTokenType.String)
        {
            return false;
        }

        events.OnShout(JsonText.Unquote(items.Current.Span), data);
        return true;
    }
}
