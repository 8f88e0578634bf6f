using System.Text;
using Link.Abstractions;
using Link.Flic.Frames;
using Newtonsoft.Json.Linq;

namespace Link.Flic;

/// <summary>The arguments of an event, an answer or a parting. Nothing is parsed before it is asked for. Immutable; safe for concurrent use.</summary>
public sealed class FlicArguments
{
    private readonly ReadOnlyMemory<byte> _array;
    private readonly int _skipped;
    private readonly IPayloadSerializer _serializer;
    private ReadOnlyMemory<byte>[]? _items;

    /// <param name="array">The JSON text of an array, checked before; empty for none.</param>
    /// <param name="skipped">How many of its first elements are no arguments.</param>
    /// <param name="serializer">What converts them.</param>
    internal FlicArguments(ReadOnlyMemory<byte> array, int skipped, IPayloadSerializer serializer)
    {
        _array = array;
        _skipped = skipped;
        _serializer = serializer;
    }

    /// <summary>How many there are.</summary>
    public int Count => Items.Length;

    private ReadOnlyMemory<byte>[] Items => _items ??= Split();

    /// <summary>One of them as a token; what was undefined in JavaScript is null. Each call converts anew.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    /// <exception cref="LinkException">It cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken this[int index] => new Payload(At(index)).AsToken();

    /// <summary>Converts one of them with the serializer of the options. Each call converts anew.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    /// <exception cref="LinkException">It does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>(int index) => new Payload(At(index)).As<T>(_serializer);

    /// <summary>The JSON text of an array of them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        foreach (var item in Items)
        {
            text.Append(text.Length > 1 ? "," : "").Append(Encoding.UTF8.GetString(item.Span));
        }

        return text.Append(']').ToString();
    }

    private ReadOnlyMemory<byte> At(int index)
    {
        var items = Items;
        return (uint)index < (uint)items.Length
            ? items[index]
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {items.Length} arguments.");
    }

    private ReadOnlyMemory<byte>[] Split()
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var walk = new JsonItems(_array);
        for (var index = 0; walk.MoveNext(); index++)
        {
            if (index >= _skipped)
            {
                items.Add(walk.Current);
            }
        }

        return [.. items];
    }
}
