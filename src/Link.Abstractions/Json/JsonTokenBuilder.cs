using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Abstractions.Json;

/// <summary>
/// Builds JSON tokens straight from UTF-8: strict, without a stack of calls, strings left as they are (a date stays a string).
/// </summary>
internal static class JsonTokenBuilder
{
    /// <summary>The value that starts where the reader stands; afterwards the reader stands on its last token.</summary>
    public static JToken Read(ref Utf8JsonReader reader, FloatParseHandling handling)
    {
        var names = JsonNameCache.OfThisThread;
        JContainer? container = null;
        var name = "";
        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = names.Get(reader.ValueSpan, reader.ValueIsEscaped);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    if (Outer(container!) is not { } outer)
                    {
                        return container!;
                    }

                    container = outer;
                    break;
                default:
                    var token = Start(ref reader, handling);
                    Attach(container, name, token);
                    container = token as JContainer ?? container;
                    if (container is null)
                    {
                        return token;
                    }

                    break;
            }

            reader.Read();
        }
    }

    private static JContainer? Outer(JContainer container) => container.Parent is JProperty member ? member.Parent : container.Parent;

    private static void Attach(JContainer? container, string name, JToken token)
    {
        if (container is JObject parent)
        {
            // A repeated name: the last value wins, at the place of the first.
            parent[name] = token;
        }
        else
        {
            (container as JArray)?.Add(token);
        }
    }

    private static JToken Start(ref Utf8JsonReader reader, FloatParseHandling handling) => reader.TokenType switch
    {
        JsonTokenType.StartObject => new JObject(),
        JsonTokenType.StartArray => new JArray(),
        JsonTokenType.String => new JValue(JsonStringDecoder.Decode(reader.ValueSpan, reader.ValueIsEscaped)),
        JsonTokenType.True => new JValue(true),
        JsonTokenType.False => new JValue(false),
        JsonTokenType.Number => new JValue(JsonNumberParser.Parse(reader.ValueSpan, handling)),
        _ => JValue.CreateNull(),
    };
}
