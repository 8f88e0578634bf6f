using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Link.Abstractions.Json;

/// <summary>
/// Puts members in the order of a JavaScript engine: names that are array indexes first, ascending, the others as they came.
/// </summary>
public static class MemberOrder
{
    private const int LongestIndex = 10;
    private const long LargestIndex = uint.MaxValue - 1;
    private const long NoIndex = -1;

    /// <summary>Whether the name is an array index written canonically: 0 to 4294967294, no leading zero.</summary>
    public static bool IsIndex(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > LongestIndex || !char.IsAsciiDigit(name[0]) || (name[0] == '0' && name.Length > 1))
        {
            return false;
        }

        long index = 0;
        foreach (var digit in name)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            index = (index * 10) + (digit - '0');
        }

        return index <= LargestIndex;
    }

    /// <summary>Whether JSON text without white space may have a member whose name is an array index: cheap, rarely wrong, never missing one.</summary>
    public static bool MayHaveIndexes(ReadOnlySpan<byte> json)
    {
        while (true)
        {
            var end = json.IndexOf("\":"u8);
            if (end < 0)
            {
                return false;
            }

            if (end > 0 && char.IsAsciiDigit((char)json[end - 1]))
            {
                return true;
            }

            json = json[(end + 2)..];
        }
    }

    /// <summary>Reorders, in place, every object of the JSON text.</summary>
    public static void Apply(Span<byte> json)
    {
        // Objects are put right from the inside out, behind the reader: it never looks back.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var members = new List<Member>();
        var objects = new Stack<int>();
        var end = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects.Push(members.Count);
                    break;
                case JsonTokenType.PropertyName:
                    EndLast(members, objects.Peek(), end);
                    members.Add(new Member((int)reader.TokenStartIndex, 0, IndexOf(reader.ValueSpan)));
                    break;
                case JsonTokenType.EndObject:
                    var first = objects.Pop();
                    EndLast(members, first, end);
                    Reorder(json[..end], members.GetRange(first, members.Count - first));
                    members.RemoveRange(first, members.Count - first);
                    break;
                default:
                    break;
            }

            end = (int)reader.BytesConsumed;
        }
    }

    private static void EndLast(List<Member> members, int first, int end)
    {
        if (members.Count > first)
        {
            members[^1] = members[^1] with { Length = end - members[^1].Start };
        }
    }

    private static void Reorder(Span<byte> untilEnd, List<Member> members)
    {
        if (members.TrueForAll(member => member.Index == NoIndex))
        {
            return;
        }

        var start = members[0].Start;
        var original = ArrayPool<byte>.Shared.Rent(untilEnd.Length - start);
        untilEnd[start..].CopyTo(original);
        var target = untilEnd[start..];
        var indexes = members.Where(member => member.Index != NoIndex).OrderBy(member => member.Index);
        foreach (var member in indexes.Concat(members.Where(member => member.Index == NoIndex)))
        {
            if (target.Length < untilEnd.Length - start)
            {
                target[0] = (byte)',';
                target = target[1..];
            }

            original.AsSpan(member.Start - start, member.Length).CopyTo(target);
            target = target[member.Length..];
        }

        // Nothing is left, unless a converter wrote white space between the members.
        target.Fill((byte)' ');
        ArrayPool<byte>.Shared.Return(original);
    }

    private static long IndexOf(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestIndex)
        {
            return NoIndex;
        }

        Span<char> chars = stackalloc char[LongestIndex];
        chars = chars[..Encoding.UTF8.GetChars(name, chars)];
        return IsIndex(chars) ? long.Parse(chars, CultureInfo.InvariantCulture) : NoIndex;
    }

    private readonly record struct Member(int Start, int Length, long Index);
}
