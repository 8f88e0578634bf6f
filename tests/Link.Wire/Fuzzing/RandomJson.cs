using System.Globalization;
using System.Text;

namespace Link.Wire.Fuzzing;

/// <summary>Random JSON text: white space, escapes, numbers and repeated members as no sensible writer has them, yet valid.</summary>
internal sealed class RandomJson(Random random)
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "1.0", "1e0", "1E+2", "100", "42", "4.2e1", "0.1", "1e-7", "1e21", "1E400", "-1e400", "5e-324", "9007199254740993",
        "123456789012345678901234567890", "-1.5", "1e-400", "0.0000001", "1000000000000000000000", "0e5", "-0.0",
    ];

    private static readonly string[] Characters =
        ["a", "z", " ", "\"", "\\", "/", "\b", "\f", "\n", "\r", "\t", "\0", "\u001f", "\u007f", "é", "漢", "😀", "\u2028", "\ufeff", "\ufffd", "<", "'"];

    /// <summary>White space between tokens, mostly none.</summary>
    public string Space() => random.Next(6) == 0 ? new string(" \t\r\n"[random.Next(4)], random.Next(1, 3)) : "";

    public string Number() => random.Next(3) == 0
        ? BitConverter.Int64BitsToDouble(random.NextInt64()) is var value && double.IsFinite(value)
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : "7"
        : Numbers[random.Next(Numbers.Length)];

    /// <summary>A string that may hold anything but lone surrogates.</summary>
    public string Text(int longest = 12) => string.Concat(Enumerable.Range(0, random.Next(longest)).Select(_ => Characters[random.Next(Characters.Length)]));

    /// <summary>The text as a JSON string, with needless escapes.</summary>
    public string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var style = random.Next(8);
            var character = rune.ToString();
            if (character is "\"" or "\\" && style > 1)
            {
                quoted.Append('\\').Append(character);
            }
            else if (rune.Value < ' ' || character is "\"" or "\\" || style == 0)
            {
                // A pair of surrogates in whole: half of one is no text.
                quoted.Append(string.Concat(character.Select(unit => style % 2 == 0 ? $"\\u{(int)unit:x4}" : $"\\u{(int)unit:X4}")));
            }
            else
            {
                quoted.Append(character == "/" && style < 4 ? "\\/" : character);
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A lone surrogate as the inside of a JSON string has it.</summary>
    public string LoneSurrogate() => $"\"\\u{random.Next(0xd800, 0xe000):x4}{(random.Next(2) == 0 ? "x" : "")}\"";

    public string Scalar() => random.Next(8) switch
    {
        0 => "null",
        1 => "true",
        2 => "false",
        3 or 4 => Number(),
        5 when random.Next(4) == 0 => LoneSurrogate(),
        _ => Quoted(Text()),
    };

    public string Value(int depth) => depth == 0 ? Scalar() : random.Next(4) switch
    {
        0 => Array(depth),
        1 => Object(Enumerable.Range(0, random.Next(4)).Select(_ => (Text(4), Value(depth - 1)))),
        _ => Scalar(),
    };

    /// <summary>An object of these members, in this order.</summary>
    public string Object(IEnumerable<(string Name, string Value)> members) =>
        $"{{{Space()}{string.Join($"{Space()},{Space()}", members.Select(member => $"{Quoted(member.Name)}{Space()}:{Space()}{member.Value}"))}{Space()}}}";

    private string Array(int depth) =>
        $"[{Space()}{string.Join($"{Space()},{Space()}", Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1)))}{Space()}]";
}
